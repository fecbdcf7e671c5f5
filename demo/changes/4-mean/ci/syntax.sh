#!/bin/sh
cd "$ZUUL_WORK_ROOT/src/local/temperature" || exit 1
for f in lib/*.sh tests/*.sh; do sh -n "$f" && echo "ok   $f" || exit 1; done
