got=$(bin/weather mean) || { echo "mean failed"; exit 1; }
case $got in
[0-9]*.[0-9]) ;;
*) echo "not a mean: $got"; exit 1 ;;
esac
