package bolt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// keptSnapshots is how many snapshots of a tenant are kept: should the newest
// be damaged, an older one and the log's tail do as well.
const keptSnapshots = 3

// Snapshots keeps snapshots in a file of its own: a bucket per tenant, from
// sequence (8 bytes, big endian) to a SHA-256 and what it covers.
type Snapshots struct {
	db   *bbolt.DB
	file *os.File

	mu     sync.RWMutex // held for writing by Close
	closed bool
}

var _ eventlog.Snapshots = (*Snapshots)(nil)

// OpenSnapshots opens the snapshots at path, or makes the file with its
// directory. Since snapshots can be made again from the log, a damaged file
// is put aside with a warning, under its name with .damaged at the end.
func OpenSnapshots(path string, o Options) (*Snapshots, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open snapshots: %w", err)
	}
	s, err := openSnapshots(path, o)
	if isDamage(err) {
		o.Logger.Warn("the snapshots are damaged and put aside; states are folded from the log", "path", path, "error", err)
		if err = os.Rename(path, path+".damaged"); err == nil {
			s, err = openSnapshots(path, o)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open snapshots %s: %w", path, err)
	}
	return s, nil
}

func openSnapshots(path string, o Options) (*Snapshots, error) {
	s := &Snapshots{}
	err := guard(func() (err error) {
		s.db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:      wait(o.LockWait),
			FreelistType: bbolt.FreelistMapType,
			NoStatistics: true,
			OpenFile: func(name string, flag int, mode fs.FileMode) (*os.File, error) {
				f, err := os.OpenFile(name, flag, mode)
				if err != nil {
					return nil, err
				}
				if err = lock(f, wait(o.LockWait)); err == nil {
					err = inspect(f, &mark{missing: true})
				}
				if err != nil {
					_ = f.Close()
					return nil, err
				}
				s.file = f
				return f, nil
			},
		})
		return err
	})
	if err != nil && s.file != nil {
		_ = s.file.Close() // drops the lock if bbolt panicked
	}
	return s, err
}

// Put implements eventlog.Snapshots.
func (s *Snapshots) Put(ctx context.Context, snap eventlog.Snapshot) error {
	if snap.Tenant == "" || snap.Seq == 0 {
		return fmt.Errorf("put snapshot of tenant %q at record %d: %w", snap.Tenant, snap.Seq, eventlog.ErrInvalid)
	}
	err := s.run(ctx, func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte(snap.Tenant))
			if err != nil {
				return err
			}
			if err := b.Put(keyOf(snap.Seq), sealSnapshot(snap)); err != nil {
				return err
			}
			return prune(b)
		})
	})
	if err != nil {
		return fmt.Errorf("put snapshot of tenant %s at record %d: %w", snap.Tenant, snap.Seq, err)
	}
	return nil
}

// prune drops all but the newest snapshots.
func prune(b *bbolt.Bucket) error {
	var old [][]byte
	n := 0
	cur := b.Cursor()
	for k, _ := cur.Last(); k != nil; k, _ = cur.Prev() {
		if n++; n > keptSnapshots {
			old = append(old, bytes.Clone(k))
		}
	}
	for _, k := range old {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// Latest implements eventlog.Snapshots.
func (s *Snapshots) Latest(ctx context.Context, t scheduler.TenantName, atMost uint64) (*eventlog.Snapshot, []eventlog.SnapshotDamage, error) {
	var found *eventlog.Snapshot
	var damages []eventlog.SnapshotDamage
	err := s.run(ctx, func() error {
		return s.db.View(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(t))
			if b == nil {
				return nil
			}
			cur := b.Cursor()
			for k, v := cur.Last(); k != nil && found == nil; k, v = cur.Prev() {
				seq := sequenceOf(k)
				if seq > atMost {
					continue
				}
				snap, err := openSnapshot(t, seq, v)
				if err != nil {
					damages = append(damages, eventlog.SnapshotDamage{Tenant: t, Seq: seq, Reason: err.Error()})
					continue
				}
				found = snap
			}
			return nil
		})
	})
	if isDamage(err) { // the file's structure is broken: none is usable
		return nil, append(damages, eventlog.SnapshotDamage{Tenant: t, Reason: err.Error()}), nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("latest snapshot of tenant %s: %w", t, err)
	}
	return found, damages, nil
}

// Close implements eventlog.Snapshots.
func (s *Snapshots) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return guard(s.db.Close)
}

// run calls fn, guarded, while the file stays open.
func (s *Snapshots) run(ctx context.Context, fn func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return eventlog.ErrClosed
	}
	return guard(fn)
}

const sealBytes = sha256.Size

// sealSnapshot returns the stored form: SHA-256, hash of the record, version,
// data. The checksum covers the tenant and the sequence too.
func sealSnapshot(s eventlog.Snapshot) []byte {
	b := make([]byte, sealBytes, sealBytes+len(s.Hash)+8+len(s.Data))
	b = append(b, s.Hash[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(s.Version))
	b = append(b, s.Data...)
	copy(b, snapshotSum(s.Tenant, s.Seq, b[sealBytes:]))
	return b
}

func snapshotSum(t scheduler.TenantName, seq uint64, rest []byte) []byte {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%d %q ", seq, t) // a hash never fails
	_, _ = sum.Write(rest)
	return sum.Sum(nil)
}

var errSnapshotSum = errors.New("it does not match its checksum")

func openSnapshot(t scheduler.TenantName, seq uint64, stored []byte) (*eventlog.Snapshot, error) {
	s := &eventlog.Snapshot{Tenant: t, Seq: seq}
	if len(stored) < sealBytes+len(s.Hash)+8 || !bytes.Equal(stored[:sealBytes], snapshotSum(t, seq, stored[sealBytes:])) {
		return nil, errSnapshotSum
	}
	rest := stored[sealBytes:]
	rest = rest[copy(s.Hash[:], rest):]
	s.Version = int(binary.BigEndian.Uint64(rest))
	s.Data = bytes.Clone(rest[8:])
	return s, nil
}
