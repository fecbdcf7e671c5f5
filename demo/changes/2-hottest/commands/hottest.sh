# hottest: the station with the highest temperature.
sort -r -k 2 "$root/data/stations.txt" | head -n 1 | cut -d ' ' -f 1
