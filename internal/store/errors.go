package store

import (
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// Errors that callers branch on, with errors.Is.
var (
	// ErrNotFound says that the tenant has no such row.
	ErrNotFound = errors.New("not found")
	// ErrDamaged says that stored bytes are not what was written. The read
	// models of the tenant must be reset and filled from the log again.
	ErrDamaged = errors.New("the read models are damaged")
	// ErrGap says that a commit does not follow the last one applied.
	ErrGap = errors.New("commit does not follow the last one applied")
	// ErrFilter says that a filter asks for what is not allowed.
	ErrFilter = errors.New("invalid filter")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("the store is closed")
	// ErrLocked says that another process has the file open.
	ErrLocked = errors.New("the read models are in use by another process")
)

// DamageError says where the file is not what was written. It is ErrDamaged.
type DamageError struct {
	// Tenant is empty when the damage is not in one tenant's rows.
	Tenant scheduler.TenantName
	// Where names table and row.
	Where string
	Err   error
}

func (e *DamageError) Error() string {
	s := "damaged read models"
	if e.Tenant != "" {
		s += fmt.Sprintf(" of tenant %s", e.Tenant)
	}
	if e.Where != "" {
		s += ": " + e.Where
	}
	return fmt.Sprintf("%s: %v", s, e.Err)
}

// Is makes every DamageError an ErrDamaged.
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }

// Unwrap returns the cause.
func (e *DamageError) Unwrap() error { return e.Err }
