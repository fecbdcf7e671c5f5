package sim

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

var errDisk = errors.New("the disk says no")

// disk is the log of record as one process sees it: what a dead process asks
// is answered with ErrClosed and changes nothing.
type disk struct {
	s *Sim
	p *process
}

var _ eventlog.Log = disk{}

// Append writes a record, or fails in one of the ways of a disk: the record
// is in the log or not, the caller learns of it or not, and the process may be
// dead when it would.
func (d disk) Append(ctx context.Context, r eventlog.Record) (eventlog.Head, error) {
	s := d.s
	switch {
	case d.p.dead:
		return eventlog.Head{}, eventlog.ErrClosed
	case d.p.fatal:
		return eventlog.Head{}, eventlog.ErrFatal
	case s.strikes("append refused"):
		return eventlog.Head{}, fmt.Errorf("append: %w", errDisk)
	case s.strikes("append lost"):
		return eventlog.Head{}, fmt.Errorf("append: %w: %w", eventlog.ErrUnknown, errDisk)
	case s.strikes("crash before append"):
		return d.die()
	case s.strikes("crash with a torn record"):
		s.tear(r)
		return d.die()
	case s.strikes("append fatal"):
		d.p.fatal = true
		if s.rng.IntN(2) == 0 {
			return eventlog.Head{}, eventlog.ErrFatal
		}
	}
	head, err := s.log.Append(ctx, r)
	if err != nil {
		if errors.Is(err, eventlog.ErrConflict) {
			s.covered["conflicts"]++
		}
		return head, err
	}
	s.appended(r, head)
	switch {
	case d.p.fatal:
		return eventlog.Head{}, eventlog.ErrFatal
	case s.strikes("append kept"):
		return eventlog.Head{}, fmt.Errorf("append: %w: %w", eventlog.ErrUnknown, errDisk)
	case s.strikes("crash after append"):
		return d.die()
	}
	return head, nil
}

func (d disk) die() (eventlog.Head, error) {
	d.p.die()
	return eventlog.Head{}, eventlog.ErrClosed
}

// tear looks at what a record leaves on the disk that was written in part, or
// whose sectors came in another order: a start must see that it is none.
func (s *Sim) tear(r eventlog.Record) {
	data := r.Encode()
	torn := append([]byte(nil), data[:s.rng.IntN(len(data))]...)
	if s.rng.IntN(2) == 0 {
		torn = append(torn, make([]byte, len(data)-len(torn))...)
	}
	if string(torn) == string(data) {
		return
	}
	if _, err := eventlog.Decode(torn); err == nil {
		s.fail("damage is found", "%d of %d bytes of a record count as one", len(torn), len(data))
	}
}

// Read implements eventlog.Log.
func (d disk) Read(ctx context.Context, t scheduler.TenantName, from uint64, fn func(eventlog.Record, eventlog.Hash) error) error {
	if d.p.dead {
		return eventlog.ErrClosed
	}
	return d.s.log.Read(ctx, t, from, fn)
}

// Head implements eventlog.Log.
func (d disk) Head(ctx context.Context, t scheduler.TenantName) (eventlog.Head, error) {
	if d.p.dead {
		return eventlog.Head{}, eventlog.ErrClosed
	}
	return d.s.log.Head(ctx, t)
}

// Tenants implements eventlog.Log.
func (d disk) Tenants(ctx context.Context) ([]scheduler.TenantName, error) {
	return d.s.log.Tenants(ctx)
}

// Blob implements eventlog.Log.
func (d disk) Blob(ctx context.Context, h scheduler.Hash) ([]byte, error) {
	return d.s.log.Blob(ctx, h)
}

// Follow implements eventlog.Log. Nothing waits in a simulation.
func (d disk) Follow(context.Context, scheduler.TenantName, uint64) iter.Seq2[eventlog.Record, error] {
	panic("sim: a log of a simulation is read, not followed")
}

// Close implements eventlog.Log.
func (d disk) Close() error { return nil }
