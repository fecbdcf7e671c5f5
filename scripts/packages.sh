#!/bin/sh
# Makes sure that programs are there: packages.sh PROGRAM:PACKAGE...
# Installs what is missing where that needs nobody's permission, otherwise
# names the command that does.
missing=
for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        echo "Installing:$missing"
        apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null && exit 0
    fi
    echo "Missing:$missing. Install with: sudo apt-get install -y$missing" >&2
else
    echo "Missing:$missing. Install them with the package manager of this system." >&2
fi
exit 1
