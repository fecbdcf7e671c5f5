// Package memory keeps an event log in memory, for tests and simulation. It
// can be told to fail the ways a disk does.
package memory

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// Fault is a way for one append to fail.
type Fault int

// The faults. After Refuse the record is not in the log. After Lose it is
// not and after Keep it is, and the caller learns in both cases only that the
// outcome is unknown. After Die it is not, and the log accepts no more
// records until Reopen.
const (
	None Fault = iota
	Refuse
	Lose
	Keep
	Die
)

// Log is an event log in memory.
type Log struct {
	fault func(eventlog.Record) (Fault, error)

	mu      sync.Mutex
	tenants map[scheduler.TenantName]*chain
	blobs   map[scheduler.Hash][]byte
	dead    error
	closed  chan struct{}
}

// chain is one tenant's encoded records.
type chain struct {
	head    eventlog.Head
	records [][]byte
	grown   chan struct{} // closed and replaced when records grow
}

var _ eventlog.Log = (*Log)(nil)

// Option changes how a log behaves.
type Option func(*Log)

// WithFault lets decide fail appends that would succeed. The error is what
// the append's error wraps, beside the sentinel of its kind. decide is called
// with the log locked and must not call it.
func WithFault(decide func(eventlog.Record) (Fault, error)) Option {
	return func(l *Log) { l.fault = decide }
}

// New returns an empty log.
func New(options ...Option) *Log {
	l := &Log{
		fault:   func(eventlog.Record) (Fault, error) { return None, nil },
		tenants: map[scheduler.TenantName]*chain{},
		blobs:   map[scheduler.Hash][]byte{},
		closed:  make(chan struct{}),
	}
	for _, o := range options {
		o(l)
	}
	return l
}

// Reopen returns a log that goes on from what l holds, as a process does that
// starts again, and closes l.
func (l *Log) Reopen(options ...Option) *Log {
	_ = l.Close() // closing twice is harmless
	l.mu.Lock()
	defer l.mu.Unlock()
	n := New(options...)
	n.blobs = maps.Clone(l.blobs)
	for t, c := range l.tenants {
		n.tenants[t] = &chain{head: c.head, records: slices.Clone(c.records), grown: make(chan struct{})}
	}
	return n
}

// check reports why the log can't be used. The lock is held.
func (l *Log) check(ctx context.Context) error {
	select {
	case <-l.closed:
		return eventlog.ErrClosed
	default:
		return ctx.Err()
	}
}

// tenant returns a tenant's chain, made when it is new. The lock is held.
func (l *Log) tenant(t scheduler.TenantName) *chain {
	c := l.tenants[t]
	if c == nil {
		c = &chain{grown: make(chan struct{})}
		l.tenants[t] = c
	}
	return c
}

// Head implements eventlog.Log.
func (l *Log) Head(ctx context.Context, t scheduler.TenantName) (eventlog.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(ctx); err != nil {
		return eventlog.Head{}, err
	}
	if c := l.tenants[t]; c != nil {
		return c.head, nil
	}
	return eventlog.Head{}, nil
}

// Tenants implements eventlog.Log.
func (l *Log) Tenants(ctx context.Context) ([]scheduler.TenantName, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(ctx); err != nil {
		return nil, err
	}
	var names []scheduler.TenantName
	for t, c := range l.tenants {
		if c.head.Seq > 0 {
			names = append(names, t)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Blob implements eventlog.Log.
func (l *Log) Blob(ctx context.Context, h scheduler.Hash) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(ctx); err != nil {
		return nil, err
	}
	data, ok := l.blobs[h]
	if !ok {
		return nil, eventlog.ErrNoBlob
	}
	return slices.Clone(data), nil
}

// Close implements eventlog.Log.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

// Read implements eventlog.Log.
func (l *Log) Read(ctx context.Context, t scheduler.TenantName, from uint64, fn func(eventlog.Record, eventlog.Hash) error) error {
	records, _, err := l.since(ctx, t, from)
	if err != nil {
		return err
	}
	for _, data := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := eventlog.Decode(data)
		if err != nil {
			return &eventlog.DamageError{Tenant: t, Reason: "a record in memory changed", Err: err}
		}
		if err := fn(r, eventlog.HashEncoded(data)); err != nil {
			return err
		}
	}
	return nil
}

// since returns the tenant's records from a sequence on, and a channel that
// is closed when there are more.
func (l *Log) since(ctx context.Context, t scheduler.TenantName, from uint64) ([][]byte, <-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(ctx); err != nil {
		return nil, nil, err
	}
	c := l.tenant(t)
	first := min(max(from, 1)-1, uint64(len(c.records)))
	return c.records[first:len(c.records):len(c.records)], c.grown, nil
}

// Follow implements eventlog.Log.
func (l *Log) Follow(ctx context.Context, t scheduler.TenantName, from uint64) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		next := max(from, 1)
		for {
			records, grown, err := l.since(ctx, t, next)
			for _, data := range records {
				var r eventlog.Record
				if r, err = eventlog.Decode(data); err != nil {
					break
				}
				if !yield(r, nil) || ctx.Err() != nil {
					return
				}
				next++
			}
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				yield(eventlog.Record{}, err)
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-grown:
			case <-l.closed:
			}
		}
	}
}
