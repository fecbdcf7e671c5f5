# mean: the mean temperature of all stations.
. "$temperature/lib/mean.sh" || exit 1
mean $(cut -d ' ' -f 2 "$root/data/stations.txt")
