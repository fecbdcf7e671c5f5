#!/bin/sh
# Runs before each job, in the trusted context.
echo "Job $ZUUL_JOB for $ZUUL_PROJECT, pipeline $ZUUL_PIPELINE"
