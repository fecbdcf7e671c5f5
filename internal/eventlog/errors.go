package eventlog

import (
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// Errors that callers branch on, with errors.Is.
var (
	// ErrConflict says that a record does not extend the tenant's head.
	ErrConflict = errors.New("the log's head is another one")
	// ErrUnknown says that a record may or may not have been appended.
	ErrUnknown = errors.New("it is unknown whether the record was appended")
	// ErrFatal says that the log accepts no more records until it is opened again.
	ErrFatal = errors.New("the log accepts no more records")
	// ErrInvalid says that a record breaks the format and can never be appended.
	ErrInvalid = errors.New("invalid record")
	// ErrNoBlob says that the log has no blob of that hash.
	ErrNoBlob = errors.New("no such blob")
	// ErrClosed says that the log was closed.
	ErrClosed = errors.New("the log is closed")
	// ErrLocked says that another process has the log open.
	ErrLocked = errors.New("the log is in use by another process")
	// ErrDamaged is what every *DamageError is.
	ErrDamaged = errors.New("the log is damaged")
)

// DamageError says where a log is not what was written. It is ErrDamaged.
type DamageError struct {
	// Tenant and Seq of the first bad or missing record; empty and 0 when the
	// damage is not in one tenant's records.
	Tenant scheduler.TenantName
	Seq    uint64
	// Reason in words, and the cause where there is one.
	Reason string
	Err    error
	// Hint tells the operator what to do; empty when the log does not know.
	Hint string
}

func (e *DamageError) Error() string {
	s := "damaged log"
	if e.Tenant != "" {
		s += fmt.Sprintf(": tenant %s, record %d", e.Tenant, e.Seq)
	}
	s += ": " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Is makes every DamageError an ErrDamaged.
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }

// Unwrap returns the cause.
func (e *DamageError) Unwrap() error { return e.Err }
