// Package executor runs builds: it takes work from a queue, lays out a
// workspace with every project at its speculative state, runs the playbooks
// of the job phase by phase in a sandbox, streams the console, archives the
// logs and tells how the build ended.
//
// An executor decides nothing about changes. What happens after a build, such
// as another attempt, is decided by package scheduler from the commands that
// the executor sends.
package executor
