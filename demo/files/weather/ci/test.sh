#!/bin/sh
sleep 1 # long enough to watch
exec sh "$ZUUL_WORK_ROOT/src/local/weather/tests/run"
