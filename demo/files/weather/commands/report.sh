# report: every station in both scales.
while read -r name celsius; do
    fahrenheit=$(c_to_f "$celsius") || exit 1
    echo "$name: $celsius C, $fahrenheit F"
done < "$root/data/stations.txt"
