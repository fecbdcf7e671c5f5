package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// A page of records ends at whichever comes first.
const (
	pageRecords = 512
	pageBytes   = 1 << 20
)

// entry is a checked record.
type entry struct {
	record eventlog.Record
	hash   eventlog.Hash
}

// Read implements eventlog.Log.
func (l *Log) Read(ctx context.Context, t scheduler.TenantName, from uint64, fn func(eventlog.Record, eventlog.Hash) error) error {
	head, err := l.Head(ctx, t)
	if err != nil {
		return err
	}
	c := cursor{log: l, chain: eventlog.Chain{Tenant: t}, next: max(from, 1)}
	for c.next <= head.Seq {
		page, err := c.page(head)
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := fn(e.record, e.hash); err != nil {
				return err
			}
		}
	}
	return nil
}

// Follow implements eventlog.Log.
func (l *Log) Follow(ctx context.Context, t scheduler.TenantName, from uint64) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		c := cursor{log: l, chain: eventlog.Chain{Tenant: t}, next: max(from, 1)}
		for ctx.Err() == nil {
			l.mu.Lock()
			n := l.tenantOf(t)
			head, grown, closing := n.head, n.grown, l.closing
			l.mu.Unlock()
			switch {
			case closing:
				yield(eventlog.Record{}, eventlog.ErrClosed)
				return
			case c.next > head.Seq:
				select {
				case <-ctx.Done():
				case <-grown:
				case <-l.closed:
				}
			default:
				if !c.yield(ctx, head, yield) {
					return
				}
			}
		}
	}
}

// cursor reads a tenant's records page by page.
type cursor struct {
	log   *Log
	chain eventlog.Chain
	next  uint64
}

// yield hands out one page and reports whether to go on.
func (c *cursor) yield(ctx context.Context, head eventlog.Head, yield func(eventlog.Record, error) bool) bool {
	page, err := c.page(head)
	if err != nil {
		yield(eventlog.Record{}, err)
		return false
	}
	for _, e := range page {
		if ctx.Err() != nil || !yield(e.record, nil) {
			return false
		}
	}
	return true
}

// page reads and checks the next records up to a durable head. Records behind
// it may be in the file already but not be safe yet: bbolt's readers see a
// commit before its last fsync.
func (c *cursor) page(head eventlog.Head) ([]entry, error) {
	var page []entry
	err := c.log.view(func(tx *bbolt.Tx) (err error) {
		page, err = c.read(tx, head)
		return err
	})
	if err == nil && len(page) == 0 {
		err = c.log.located(&eventlog.DamageError{Tenant: c.chain.Tenant, Seq: c.next, Reason: fmt.Sprintf("it is missing, and the head is %d", head.Seq)})
	}
	return page, err
}

// read is page inside a transaction. An empty page means that the next record
// is missing.
func (c *cursor) read(tx *bbolt.Tx, head eventlog.Head) ([]entry, error) {
	b := recordsOf(tx, c.chain.Tenant)
	if b == nil {
		return nil, nil
	}
	if c.next > 1 && c.chain.Head.Seq == 0 {
		_, before, err := decode(c.chain.Tenant, c.next-1, b.Get(keyOf(c.next-1)))
		if err != nil {
			return nil, err
		}
		c.chain.Head = eventlog.Head{Seq: c.next - 1, Hash: before}
	}
	var page []entry
	bytesLeft, cur := pageBytes, b.Cursor()
	for k, v := cur.Seek(keyOf(c.next)); k != nil && c.next <= head.Seq; k, v = cur.Next() {
		if !bytes.Equal(k, keyOf(c.next)) {
			return nil, &eventlog.DamageError{Tenant: c.chain.Tenant, Seq: c.next, Reason: fmt.Sprintf("it is missing; the next one is %d", sequenceOf(k))}
		}
		r, h, err := decode(c.chain.Tenant, c.next, v)
		if err != nil {
			return nil, err
		}
		if err := c.chain.Next(r, h); err != nil {
			return nil, err
		}
		page = append(page, entry{r, h})
		c.next++
		if bytesLeft -= len(v); bytesLeft <= 0 || len(page) == pageRecords {
			break
		}
	}
	if c.next == head.Seq+1 && c.chain.Head != head {
		return nil, &eventlog.DamageError{Tenant: c.chain.Tenant, Seq: head.Seq, Reason: "its hash is not the one that was acknowledged"}
	}
	return page, nil
}

// recordsOf returns a tenant's bucket, or nil.
func recordsOf(tx *bbolt.Tx, t scheduler.TenantName) *bbolt.Bucket {
	if b := tx.Bucket(tenantsBucket); b != nil {
		return b.Bucket([]byte(t))
	}
	return nil
}

func sequenceOf(key []byte) uint64 {
	if len(key) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(key)
}

// decode reads a stored record and names it in its error.
func decode(t scheduler.TenantName, seq uint64, data []byte) (eventlog.Record, eventlog.Hash, error) {
	if data == nil {
		return eventlog.Record{}, eventlog.Hash{}, &eventlog.DamageError{Tenant: t, Seq: seq, Reason: "it is missing"}
	}
	r, err := eventlog.Decode(data)
	if err != nil {
		return r, eventlog.Hash{}, &eventlog.DamageError{Tenant: t, Seq: seq, Reason: "it can't be decoded", Err: err}
	}
	return r, eventlog.HashEncoded(data), nil
}

// Blob implements eventlog.Log.
func (l *Log) Blob(ctx context.Context, h scheduler.Hash) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var data []byte
	err := l.view(func(tx *bbolt.Tx) (err error) {
		data, err = openBlob(h, tx.Bucket(blobsBucket).Get([]byte(h)))
		return err
	})
	return data, err
}

// sealBlob returns the stored form of a blob's data.
func sealBlob(data []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(data)), eventlog.Checksum(data)), data...)
}

// openBlob checks a stored blob and returns a copy of its data.
func openBlob(h scheduler.Hash, stored []byte) ([]byte, error) {
	if stored == nil {
		return nil, eventlog.ErrNoBlob
	}
	if len(stored) < 4 || binary.BigEndian.Uint32(stored) != eventlog.Checksum(stored[4:]) {
		return nil, &eventlog.DamageError{Reason: fmt.Sprintf("blob %s does not match its checksum", h)}
	}
	return bytes.Clone(stored[4:]), nil
}
