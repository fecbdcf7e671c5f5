#!/bin/sh
# Runs after each job; what lies in the log directory is kept with the build.
cp "$ZUUL_VARS" "$ZUUL_LOG_ROOT/zuul.json"
