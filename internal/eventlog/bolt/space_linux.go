package bolt

import (
	"errors"
	"fmt"
	"syscall"

	"go.etcd.io/bbolt"
)

// The file grows by steps, smaller ones when the disk has no more.
const growBytes = 16 << 20

// reserve makes the file so large that a transaction of so many bytes can't
// fail for want of space half way. bbolt would grow the file by a hole and
// find out at the write.
func (l *Log) reserve(bytes, records int) error {
	used := int64(0)
	err := guard(func() error {
		return l.db.View(func(tx *bbolt.Tx) error { used = tx.Size(); return nil })
	})
	if err != nil {
		return err
	}
	// Pages are not packed full, and the page that a record goes to, those
	// above it and the free list are written anew.
	need := used + 2*int64(bytes) + 4*int64(records*l.db.Info().PageSize) + 256<<10
	info, err := l.file.Stat()
	if err != nil {
		return fmt.Errorf("reserve space: %w", err)
	}
	have := info.Size()
	if have >= need {
		return nil
	}
	err = l.allocate(have, max(need-have, growBytes))
	if err != nil && need-have < growBytes {
		err = l.allocate(have, need-have)
	}
	if errors.Is(err, syscall.EOPNOTSUPP) {
		return nil // bbolt grows the file itself
	}
	if err != nil {
		return fmt.Errorf("reserve space: %w", err)
	}
	return nil
}

func (l *Log) allocate(from, size int64) error {
	for {
		err := syscall.Fallocate(int(l.file.Fd()), 0, from, size)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
