got=$(bin/weather report) || { echo "report failed"; exit 1; }
echo "$got" | grep -qx 'Bergen: 8.5 C, 47.3 F' || { echo "unexpected report: $got"; exit 1; }
