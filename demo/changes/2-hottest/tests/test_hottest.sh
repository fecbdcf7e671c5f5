got=$(bin/weather hottest)
test "$got" = Lisbon || { echo "the hottest station is Lisbon, not $got"; exit 1; }
