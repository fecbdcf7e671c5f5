package bolt

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// Scrub reads everything: each tenant's chain from its first record to its
// head, and each blob. It may run beside everything else. The error is a
// *eventlog.DamageError, or ctx's, or ErrClosed.
func (l *Log) Scrub(ctx context.Context) error {
	names, err := l.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range names {
		if _, err := eventlog.Verify(ctx, l, t, nil); err != nil {
			return l.located(err)
		}
	}
	return l.scrubBlobs(ctx)
}

// scrubBlobs checks all blobs, in short transactions.
func (l *Log) scrubBlobs(ctx context.Context) error {
	for after := []byte(nil); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		done := false
		err := l.view(func(tx *bbolt.Tx) error {
			cur := tx.Bucket(blobsBucket).Cursor()
			k, v := cur.Seek(after)
			if k != nil && bytes.Equal(k, after) {
				k, v = cur.Next()
			}
			for left := pageBytes; k != nil && left > 0; k, v = cur.Next() {
				if _, err := openBlob(scheduler.Hash(k), v); err != nil {
					return err
				}
				left -= len(v)
				after = bytes.Clone(k)
			}
			done = k == nil
			return nil
		})
		if err != nil || done {
			return err
		}
	}
}
