// Package perf measures whole servers: from a source's event to the merge, on
// the same parts that serve uses. docs/performance.md tells what the figures
// mean and how they were taken.
package perf
