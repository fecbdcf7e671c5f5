package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// A transaction takes all that is waiting, up to these.
const (
	batchRecords = 4096
	batchBytes   = 32 << 20
)

// fillPercent packs pages full: keys of a tenant only ever grow.
const fillPercent = 0.95

// request is an append on its way.
type request struct {
	record  eventlog.Record
	encoded []byte
	head    eventlog.Head // after it
	size    int           // bytes that it may need
	done    chan error    // has room for the outcome
}

// Append implements eventlog.Log. Appends of many goroutines share one
// transaction and one fsync: while one is under way the next ones gather.
func (l *Log) Append(ctx context.Context, r eventlog.Record) (eventlog.Head, error) {
	if err := r.Validate(); err != nil {
		return eventlog.Head{}, err
	}
	if err := ctx.Err(); err != nil {
		return eventlog.Head{}, err
	}
	q := newRequest(r)
	if len(q.encoded) > eventlog.MaxRecordBytes {
		return eventlog.Head{}, fmt.Errorf("%w: %d bytes", eventlog.ErrInvalid, len(q.encoded))
	}
	if err := l.enqueue(q); err != nil {
		return eventlog.Head{}, err
	}
	select {
	case err := <-q.done:
		return q.outcome(err)
	case <-ctx.Done():
		if l.withdraw(q) {
			return eventlog.Head{}, ctx.Err()
		}
		return q.outcome(<-q.done)
	}
}

func newRequest(r eventlog.Record) *request {
	q := &request{record: r, encoded: r.Encode(), done: make(chan error, 1)}
	q.head = eventlog.Head{Seq: r.Seq, Hash: eventlog.HashEncoded(q.encoded)}
	q.size = len(q.encoded)
	for _, b := range r.Blobs {
		q.size += len(b.Data)
	}
	return q
}

func (q *request) outcome(err error) (eventlog.Head, error) {
	if err != nil {
		return eventlog.Head{}, fmt.Errorf("append record %d of tenant %s: %w", q.record.Seq, q.record.Tenant, err)
	}
	return q.head, nil
}

func (l *Log) enqueue(q *request) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return eventlog.ErrClosed
	}
	if l.dead != nil {
		return l.dead
	}
	l.queue = append(l.queue, q)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return nil
}

// withdraw takes q off the queue and reports whether it was still there.
func (l *Log) withdraw(q *request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.queue, q)
	if i < 0 {
		return false
	}
	l.queue = slices.Delete(l.queue, i, i+1)
	return true
}

// commitAll is the goroutine that writes. It ends when the log closes and
// nothing waits any more.
func (l *Log) commitAll() {
	defer close(l.committed)
	for {
		batch := l.take()
		if len(batch) > 0 {
			l.commit(batch)
			continue
		}
		select {
		case <-l.wake:
		case <-l.closed:
			if batch := l.take(); len(batch) > 0 {
				l.commit(batch)
				continue
			}
			return
		}
	}
}

// take removes the next batch from the queue.
func (l *Log) take() []*request {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, size := 0, 0
	for n < len(l.queue) && n < batchRecords && (n == 0 || size+l.queue[n].size <= batchBytes) {
		size += l.queue[n].size
		n++
	}
	batch := l.queue[:n:n]
	l.queue = l.queue[n:]
	if len(l.queue) == 0 {
		l.queue = nil
	}
	return batch
}

// commit writes a batch and tells everyone in it.
func (l *Log) commit(batch []*request) {
	t := transaction{log: l, heads: map[scheduler.TenantName]eventlog.Head{}, errs: make([]error, len(batch))}
	err := l.deadErr()
	if err == nil {
		err = l.write(&t, batch)
	}
	if err == nil {
		l.advance(t.heads)
	}
	for i, q := range batch {
		if own := t.errs[i]; own != nil {
			q.done <- own
		} else {
			q.done <- err
		}
	}
}

func (l *Log) deadErr() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// errNothing rolls a transaction back in which nothing was accepted.
var errNothing = errors.New("nothing to commit")

// write commits a batch to the file. Errors are those of Append.
func (l *Log) write(t *transaction, batch []*request) error {
	size := 0
	for _, q := range batch {
		size += q.size
	}
	if err := l.room(size, len(batch)); err != nil {
		return err
	}
	err := guard(func() error {
		return l.update(func(tx *bbolt.Tx) error { return t.put(tx, batch) })
	})
	if err == nil || errors.Is(err, errNothing) {
		return nil
	}
	if isNoSpace(err) {
		return err
	}
	err = l.located(fmt.Errorf("%w until it is opened again: %w", eventlog.ErrFatal, err))
	l.mu.Lock()
	l.dead = err
	l.mu.Unlock()
	return err
}

// isNoSpace reports whether err is a write that found no room. bbolt has
// then not touched the pages in force and rolled back. Whatever else fails,
// above all an fsync, leaves pages of unknown content in the cache, which
// another fsync would declare written.
func isNoSpace(err error) bool {
	var path *fs.PathError
	if !errors.As(err, &path) || path.Op != "write" {
		return false
	}
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// advance makes new heads visible and wakes followers.
func (l *Log) advance(heads map[scheduler.TenantName]eventlog.Head) {
	if len(heads) == 0 {
		return
	}
	l.mu.Lock()
	for name, head := range heads {
		n := l.tenantOf(name)
		n.head = head
		close(n.grown)
		n.grown = make(chan struct{})
	}
	l.mu.Unlock()
	l.marker.changed()
}

// transaction is one commit of many requests.
type transaction struct {
	log   *Log
	heads map[scheduler.TenantName]eventlog.Head // that the transaction moves
	errs  []error                                // of requests that it leaves out
}

// put adds the records that extend their tenants' heads, in the order of
// their arrival, so that of two racing appends the first one wins.
func (t *transaction) put(tx *bbolt.Tx, batch []*request) error {
	tenants, blobs := tx.Bucket(tenantsBucket), tx.Bucket(blobsBucket)
	buckets := map[scheduler.TenantName]*bbolt.Bucket{}
	for i, q := range batch {
		name := q.record.Tenant
		if t.errs[i] = t.check(blobs, q); t.errs[i] != nil {
			continue
		}
		b := buckets[name]
		if b == nil {
			var err error
			if b, err = tenants.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
			b.FillPercent = fillPercent
			buckets[name] = b
		}
		if err := putBlobs(blobs, q.record.Blobs); err != nil {
			return err
		}
		if err := b.Put(keyOf(q.record.Seq), q.encoded); err != nil {
			return err
		}
		t.heads[name] = q.head
	}
	if len(t.heads) == 0 {
		return errNothing
	}
	return nil
}

// check says why a request can't be part of the transaction.
func (t *transaction) check(blobs *bbolt.Bucket, q *request) error {
	head, ok := t.heads[q.record.Tenant]
	if !ok {
		t.log.mu.Lock()
		head = t.log.tenantOf(q.record.Tenant).head
		t.log.mu.Unlock()
	}
	if q.record.Seq != head.Seq+1 || q.record.Prev != head.Hash {
		return fmt.Errorf("at head %d: %w", head.Seq, eventlog.ErrConflict)
	}
	for _, b := range q.record.Blobs {
		if b.Data == nil && blobs.Get([]byte(b.Hash)) == nil {
			return fmt.Errorf("%w: blob %s has no data", eventlog.ErrInvalid, b.Hash)
		}
	}
	return nil
}

func putBlobs(bucket *bbolt.Bucket, blobs []eventlog.Blob) error {
	for _, b := range blobs {
		if bucket.Get([]byte(b.Hash)) != nil {
			continue
		}
		if err := bucket.Put([]byte(b.Hash), sealBlob(b.Data)); err != nil {
			return err
		}
	}
	return nil
}
