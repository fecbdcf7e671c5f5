package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// Options change how a log is opened. The zero value is right for a server.
type Options struct {
	// Logger is told what goes wrong in the background; nil discards.
	Logger *slog.Logger
	// MarkEvery is how long the mark may lag behind; 0 is a second.
	MarkEvery time.Duration
	// LockWait is how long to wait for another process to let go of the file;
	// 0 is a second.
	LockWait time.Duration
}

// mapBytes is mapped from the start, since enlarging the map waits for all
// readers. It is address space, not memory.
const mapBytes = 1 << 30

// Open opens the log at path, or makes it with its directory. It checks the
// file's own structure, that each tenant has its records from the mark on in
// one intact chain, and that none ends before its mark. That takes time with
// the number of tenants and pages of the file's index, not of records; Scrub
// checks all.
//
// A log that fails is not opened: the error is a *eventlog.DamageError that
// says where it is broken and what restores it. ErrLocked tells that another
// process has it.
func Open(path string, o Options) (*Log, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Log{
		path:      path,
		logger:    o.Logger,
		tenants:   map[scheduler.TenantName]*tenant{},
		wake:      make(chan struct{}, 1),
		closed:    make(chan struct{}),
		committed: make(chan struct{}),
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	if err := l.open(o); err != nil {
		if l.file != nil {
			_ = l.file.Close() // bbolt may have closed it; this drops the lock if it panicked
		}
		return nil, fmt.Errorf("open log %s: %w", path, l.located(err))
	}
	l.update, l.room = l.db.Update, l.reserve
	l.marker = startMarker(l, o.MarkEvery)
	go l.commitAll()
	return l, nil
}

// open opens the file and checks it against the mark.
func (l *Log) open(o Options) error {
	mark, err := readMark(markPath(l.path))
	if err != nil {
		return err
	}
	if err := l.openFile(mark, wait(o.LockWait)); err != nil {
		return err
	}
	if err := l.prepare(mark); err != nil {
		_ = guard(l.db.Close)
		return err
	}
	return nil
}

func wait(d time.Duration) time.Duration {
	if d == 0 {
		return time.Second
	}
	return d
}

// openFile opens, locks and maps the file. The lock is taken before the file
// is looked at, so that a writer's half-written page is never called damage.
func (l *Log) openFile(mark *mark, lockWait time.Duration) error {
	return guard(func() (err error) {
		l.db, err = bbolt.Open(l.path, 0o600, &bbolt.Options{
			Timeout:         lockWait,
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: mapBytes,
			NoStatistics:    true,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				f, err := os.OpenFile(name, flag, mode)
				if err != nil {
					return nil, err
				}
				if err = lock(f, lockWait); err == nil {
					err = inspect(f, mark)
				}
				if err != nil {
					_ = f.Close()
					return nil, err
				}
				l.file = f
				return f, nil
			},
		})
		return err
	})
}

// lockPoll is how often a held lock is tried again.
const lockPoll = 20 * time.Millisecond

// lock takes the lock that bbolt takes too, which is then a no-op for it.
func lock(f *os.File, wait time.Duration) error {
	for deadline := time.Now().Add(wait); ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		if time.Now().After(deadline) {
			return eventlog.ErrLocked
		}
		time.Sleep(lockPoll)
	}
}

// prepare makes the buckets of a new file, and checks those of an old one.
func (l *Log) prepare(mark *mark) error {
	fresh := false
	err := guard(func() error {
		return l.db.View(func(tx *bbolt.Tx) error {
			fresh = tx.Bucket(formatBucket) == nil
			if fresh {
				return checkFresh(tx, mark)
			}
			return l.check(tx, mark)
		})
	})
	if err != nil {
		return err
	}
	if fresh {
		if err := guard(func() error { return l.db.Update(makeBuckets) }); err != nil {
			return err
		}
	}
	if err := syncDir(filepath.Dir(l.path)); err != nil {
		return err
	}
	return writeMark(markPath(l.path), l.heads())
}

// checkFresh refuses to take a damaged or lost log for a new one.
func checkFresh(tx *bbolt.Tx, m *mark) error {
	if tx.Bucket(tenantsBucket) != nil || tx.Bucket(blobsBucket) != nil {
		return &eventlog.DamageError{Reason: "the file has records and no format"}
	}
	for _, t := range m.tenants() {
		return &eventlog.DamageError{Tenant: t, Seq: 1, Reason: fmt.Sprintf("the file is empty and the mark is at record %d", m.heads[t].Seq)}
	}
	return nil
}

func makeBuckets(tx *bbolt.Tx) error {
	for _, name := range [][]byte{tenantsBucket, blobsBucket} {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	b, err := tx.CreateBucket(formatBucket)
	if err != nil {
		return err
	}
	return b.Put(formatKey, formatVersion)
}

// check reads the heads of all tenants and verifies what is behind the mark.
func (l *Log) check(tx *bbolt.Tx, m *mark) error {
	if v := tx.Bucket(formatBucket).Get(formatKey); !bytes.Equal(v, formatVersion) {
		return fmt.Errorf("the file has format %q and this gozer knows %q: use the gozer that wrote it", v, formatVersion)
	}
	tenants := tx.Bucket(tenantsBucket)
	if tenants == nil || tx.Bucket(blobsBucket) == nil {
		return &eventlog.DamageError{Reason: "the file lacks its buckets"}
	}
	err := tenants.ForEachBucket(func(name []byte) error {
		t := scheduler.TenantName(name)
		head, err := l.checkTenant(tx, t, m.heads[t])
		if err != nil {
			return err
		}
		l.tenantOf(t).head = head
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range m.tenants() {
		if l.tenants[t] == nil {
			return &eventlog.DamageError{Tenant: t, Seq: 1, Reason: fmt.Sprintf("the tenant is gone and its mark is at record %d", m.heads[t].Seq)}
		}
	}
	if m.missing && len(l.tenants) > 0 {
		return &eventlog.DamageError{Reason: fmt.Sprintf("%s is missing, so nobody knows whether the log is whole", filepath.Base(markPath(l.path)))}
	}
	return nil
}

// checkTenant verifies a tenant's first record, the one at the mark and all
// behind it, and returns the head.
func (l *Log) checkTenant(tx *bbolt.Tx, t scheduler.TenantName, mark eventlog.Head) (eventlog.Head, error) {
	cur := recordsOf(tx, t).Cursor()
	first, _ := cur.First()
	last, data := cur.Last()
	if sequenceOf(first) != 1 {
		return eventlog.Head{}, &eventlog.DamageError{Tenant: t, Seq: 1, Reason: fmt.Sprintf("it is missing; the first one is %d", sequenceOf(first))}
	}
	if seq := sequenceOf(last); seq < mark.Seq {
		return eventlog.Head{}, &eventlog.DamageError{Tenant: t, Seq: seq + 1,
			Reason: fmt.Sprintf("the log ends at record %d and had come to %d: records are lost", seq, mark.Seq)}
	}
	head := eventlog.Head{Seq: sequenceOf(last), Hash: eventlog.HashEncoded(data)}
	c := cursor{log: l, chain: eventlog.Chain{Tenant: t}, next: max(mark.Seq, 1)}
	for c.next <= head.Seq {
		page, err := c.read(tx, head)
		if err != nil {
			return eventlog.Head{}, err
		}
		if len(page) == 0 {
			return eventlog.Head{}, &eventlog.DamageError{Tenant: t, Seq: c.next, Reason: "it is missing"}
		}
		for _, e := range page {
			if err := checkOpened(tx, t, e, mark); err != nil {
				return eventlog.Head{}, err
			}
		}
	}
	return head, nil
}

// checkOpened verifies one record of those read at open.
func checkOpened(tx *bbolt.Tx, t scheduler.TenantName, e entry, mark eventlog.Head) error {
	if e.record.Seq == mark.Seq && e.hash != mark.Hash {
		return &eventlog.DamageError{Tenant: t, Seq: mark.Seq,
			Reason: fmt.Sprintf("its hash is %x and the mark says %x: this is another log", e.hash[:8], mark.Hash[:8])}
	}
	for _, b := range e.record.Blobs {
		if _, err := openBlob(b.Hash, tx.Bucket(blobsBucket).Get([]byte(b.Hash))); err != nil {
			return &eventlog.DamageError{Tenant: t, Seq: e.record.Seq, Reason: "blob " + string(b.Hash), Err: err}
		}
	}
	return nil
}
