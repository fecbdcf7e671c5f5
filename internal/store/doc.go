// Package store keeps the read models of Gozer in one bbolt file: builds and
// buildsets with an ordered index for each filter of the API, the history of
// decisions about each item, estimates and counts.
//
// Everything in it is a projection of the event log and holds nothing that
// the log does not: rows follow from the events of the commits in order and
// from nothing else, so that a rebuild gives the same bytes. The sequence that
// a tenant's rows have reached is written in the transaction that writes the
// rows. A file that is missing, damaged or of another schema is made anew and
// filled from the log by package replica.
//
// Read project.go for how events become rows, index.go for the keys, query.go
// for how filters walk them.
package store
