# mean NUMBER...: the arithmetic mean, one decimal. Source this file.
mean() {
    printf '%s\n' "$@" | awk '{ s += $1 } END { printf "%.1f\n", s / NR }'
}
