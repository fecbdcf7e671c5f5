# Conversions between scales. Source this file.

# c_to_f DEGREES: Celsius to Fahrenheit, one decimal.
c_to_f() {
    awk -v c="$1" 'BEGIN { printf "%.1f\n", c * 9 / 5 + 32 }'
}

# f_to_c DEGREES: Fahrenheit to Celsius, one decimal.
f_to_c() {
    awk -v f="$1" 'BEGIN { printf "%.1f\n", (f - 32) * 5 / 9 }'
}
