// Package replica follows the event log for readers: it folds each tenant's
// commits into a live State for status pages and projects them into the read
// models of package store.
//
// Both are checked against the log's hash chain at every step. A tenant whose
// log does not fit what was seen before stops with an error that Status and
// Ready show; nothing is guessed and other tenants go on.
package replica
