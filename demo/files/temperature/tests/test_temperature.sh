. lib/temperature.sh
test "$(c_to_f 0)" = 32.0 || { echo "0 C is not $(c_to_f 0) F"; exit 1; }
test "$(c_to_f 100)" = 212.0 || { echo "100 C is not $(c_to_f 100) F"; exit 1; }
test "$(f_to_c 212)" = 100.0 || { echo "212 F is not $(f_to_c 212) C"; exit 1; }
