# Conversions between scales. Source this file.

# whole DEGREES: fails unless it is a whole number.
whole() {
    case ${1#-} in
    '' | *[!0-9]*) echo "not a whole number of degrees: $1" >&2; return 1 ;;
    esac
}

# c_to_f DEGREES: Celsius to Fahrenheit, one decimal.
c_to_f() {
    whole "$1" || return 1
    awk -v c="$1" 'BEGIN { printf "%.1f\n", c * 9 / 5 + 32 }'
}

# f_to_c DEGREES: Fahrenheit to Celsius, one decimal.
f_to_c() {
    whole "$1" || return 1
    awk -v f="$1" 'BEGIN { printf "%.1f\n", (f - 32) * 5 / 9 }'
}
