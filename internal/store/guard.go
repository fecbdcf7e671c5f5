package store

import (
	"errors"
	"fmt"
	"runtime/debug"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// errPanic marks damage that the file's structure caused, not one row.
var errPanic = errors.New("panic")

// guard runs fn and turns what a damaged file does to bbolt, panics and faults
// of its memory map, into a *DamageError.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &DamageError{Err: fmt.Errorf("%w: %v", errPanic, p)}
		}
	}()
	return fn()
}

func (s *Store) viewFile(fn func(*bbolt.Tx) error) error {
	return s.settle(guard(func() error { return s.db.View(fn) }))
}

func (s *Store) updateFile(fn func(*bbolt.Tx) error) error {
	return s.settle(guard(func() error { return s.db.Update(fn) }))
}

// settle looks at how a transaction ended. A file whose structure is damaged
// can't be mended while it is open: the next Open makes it anew.
func (s *Store) settle(err error) error {
	switch {
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return ErrClosed
	case errors.Is(err, errPanic):
		s.condemn(err)
	}
	return err
}
