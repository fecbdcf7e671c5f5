. lib/temperature.sh
if c_to_f warm 2>/dev/null; then echo "took a word for a number"; exit 1; fi
if c_to_f "" 2>/dev/null; then echo "took nothing for a number"; exit 1; fi
test "$(c_to_f -40)" = -40.0 || { echo "-40 C is not $(c_to_f -40) F"; exit 1; }
