#!/bin/sh
# Runs every fuzz target of the module for the given time, one after the other.
set -e
time=${1:-10s}
grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do
    package=./$(dirname "${file#./}")
    sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file" | while read -r target; do
        echo "== $package $target"
        go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$time"
    done
done
