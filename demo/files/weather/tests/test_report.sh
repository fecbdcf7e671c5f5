got=$(bin/weather report) || { echo "report failed"; exit 1; }
echo "$got" | grep -qx 'Lisbon: 24 C, 75.2 F' || { echo "unexpected report: $got"; exit 1; }
