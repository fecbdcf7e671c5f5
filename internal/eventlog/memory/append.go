package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/internal/eventlog"
)

// Append implements eventlog.Log.
func (l *Log) Append(ctx context.Context, r eventlog.Record) (eventlog.Head, error) {
	if err := r.Validate(); err != nil {
		return eventlog.Head{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(ctx); err != nil {
		return eventlog.Head{}, err
	}
	if l.dead != nil {
		return eventlog.Head{}, l.dead
	}
	if head := l.tenant(r.Tenant).head; r.Seq != head.Seq+1 || r.Prev != head.Hash {
		return eventlog.Head{}, fmt.Errorf("append record %d of tenant %s at head %d: %w", r.Seq, r.Tenant, head.Seq, eventlog.ErrConflict)
	}
	for _, b := range r.Blobs {
		if _, ok := l.blobs[b.Hash]; !ok && b.Data == nil {
			return eventlog.Head{}, fmt.Errorf("%w: blob %s has no data", eventlog.ErrInvalid, b.Hash)
		}
	}
	return l.commit(r)
}

// commit does to a valid record what the fault wants. The lock is held.
func (l *Log) commit(r eventlog.Record) (eventlog.Head, error) {
	fault, cause := l.fault(r)
	switch fault {
	case None:
		return l.store(r), nil
	case Refuse:
		return eventlog.Head{}, fmt.Errorf("append record %d of tenant %s: %w", r.Seq, r.Tenant, cause)
	case Keep:
		l.store(r)
	case Die:
		l.dead = fmt.Errorf("%w: %w", eventlog.ErrFatal, cause)
		return eventlog.Head{}, l.dead
	}
	return eventlog.Head{}, fmt.Errorf("append record %d of tenant %s: %w: %w", r.Seq, r.Tenant, eventlog.ErrUnknown, cause)
}

// store adds a record and wakes followers. The lock is held.
func (l *Log) store(r eventlog.Record) eventlog.Head {
	for _, b := range r.Blobs {
		if _, ok := l.blobs[b.Hash]; !ok {
			l.blobs[b.Hash] = slices.Clone(b.Data)
		}
	}
	data := r.Encode()
	c := l.tenant(r.Tenant)
	c.records = append(c.records, data)
	c.head = eventlog.Head{Seq: r.Seq, Hash: eventlog.HashEncoded(data)}
	close(c.grown)
	c.grown = make(chan struct{})
	return c.head
}
