// Package scheduler is the pure core of Gozer: it decides which change is
// tested when, on top of what, and what merges.
//
// It is a deterministic state machine in the standard library alone. There is
// no clock, no randomness, no goroutine, no logger and no I/O in it: time and
// entropy arrive in Meta and are recorded in events, results of the outside
// world arrive as commands, and what the outside world must do leaves as
// effects. The same commits folded anywhere give the same State.
//
// Read state.go for what is known, settle.go for how one batch of commands
// becomes events, process.go for the queue processor, and check.go for the
// promises that hold after every commit.
package scheduler
