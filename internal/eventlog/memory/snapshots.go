package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// Snapshots keeps snapshots in memory. The zero value is ready to use.
type Snapshots struct {
	mu    sync.Mutex
	kept  map[scheduler.TenantName][]eventlog.Snapshot // ascending
	ended bool
}

var _ eventlog.Snapshots = (*Snapshots)(nil)

// keptSnapshots is how many snapshots of a tenant are kept.
const keptSnapshots = 3

// Put implements eventlog.Snapshots.
func (s *Snapshots) Put(ctx context.Context, snap eventlog.Snapshot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended:
		return eventlog.ErrClosed
	case ctx.Err() != nil:
		return ctx.Err()
	case snap.Tenant == "" || snap.Seq == 0:
		return eventlog.ErrInvalid
	}
	snap.Data = slices.Clone(snap.Data)
	list := slices.DeleteFunc(s.kept[snap.Tenant], func(o eventlog.Snapshot) bool { return o.Seq == snap.Seq })
	at, _ := slices.BinarySearchFunc(list, snap.Seq, func(o eventlog.Snapshot, seq uint64) int {
		return cmp.Compare(o.Seq, seq)
	})
	list = slices.Insert(list, at, snap)
	if s.kept == nil {
		s.kept = map[scheduler.TenantName][]eventlog.Snapshot{}
	}
	s.kept[snap.Tenant] = list[max(0, len(list)-keptSnapshots):]
	return nil
}

// Latest implements eventlog.Snapshots.
func (s *Snapshots) Latest(ctx context.Context, t scheduler.TenantName, atMost uint64) (*eventlog.Snapshot, []eventlog.SnapshotDamage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, nil, eventlog.ErrClosed
	}
	for _, snap := range slices.Backward(s.kept[t]) {
		if snap.Seq <= atMost {
			snap.Data = slices.Clone(snap.Data)
			return &snap, nil, ctx.Err()
		}
	}
	return nil, nil, ctx.Err()
}

// Close implements eventlog.Snapshots.
func (s *Snapshots) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	return nil
}
