package bolt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Backup writes a copy of the log and its mark, under their own names, into
// dir, which is made if need be. The copy is of one moment, and the log goes on
// meanwhile. At each moment dir holds a pair that can be opened: an older mark
// fits a newer log.
func (l *Log) Backup(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("back up log: %w", err)
	}
	target := filepath.Join(dir, filepath.Base(l.path))
	heads := l.heads() // before the copy, so that the mark is not ahead of it
	err := l.view(func(tx *bbolt.Tx) error { return copySynced(tx, target+".new") })
	if err == nil {
		err = os.Rename(target+".new", target)
	}
	if err == nil {
		err = writeMark(markPath(target), heads)
	}
	if err != nil {
		return fmt.Errorf("back up log: %w", err)
	}
	return nil
}

func copySynced(tx *bbolt.Tx, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = tx.WriteTo(f)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
