. lib/mean.sh
test "$(mean 1 2 6)" = 3.0 || { echo "the mean of 1 2 6 is not $(mean 1 2 6)"; exit 1; }
