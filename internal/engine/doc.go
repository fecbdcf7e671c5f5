// Package engine is the imperative shell around the core: one goroutine a
// tenant drains what arrived, lets the core settle it, appends one record to
// the log, and only then lets anything outside see the result.
//
// What arrives while a record is being synced waits for the next settle, so
// load makes commits larger, not more. A failed append throws the working
// state away and reloads it from snapshot and tail; the commands of that batch
// are decided again. A panic of the core stops its own tenant and no other.
package engine
