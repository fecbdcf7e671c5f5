// Package explain answers questions about a tenant in plain sentences: why an
// item waits, what reset or dequeued it, why a ref was refused, why a job ran
// or didn't, what was ahead. It folds the log of record and knows nothing that
// is not in it, so that it answers for any past time as well.
//
// Every type of event has a sentence: a row in one of the tables of the files
// say_*.go, named for the noun. What an event is about is read from the types
// of its fields (concern.go). What an item waits for is read from the state
// (now*.go).
package explain
