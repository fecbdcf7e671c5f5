package store

import (
	"errors"
	"fmt"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// guard runs fn and turns what a damaged file does to bbolt, panics and faults
// of its memory map, into a *DamageError.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &DamageError{Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	return fn()
}

func (s *Store) viewFile(fn func(*bbolt.Tx) error) error {
	return closed(guard(func() error { return s.db.View(fn) }))
}

func (s *Store) updateFile(fn func(*bbolt.Tx) error) error {
	return closed(guard(func() error { return s.db.Update(fn) }))
}

func closed(err error) error {
	if errors.Is(err, bbolt.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}
