package sim

import (
	"context"
	"fmt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/memory"
	"github.com/gozer-ci/gozer/scheduler"
)

// snapshots keeps what the processes save, some of it damaged.
type snapshots struct {
	s       *Sim
	kept    *memory.Snapshots
	damaged map[snapshotKey]bool
	last    map[scheduler.TenantName]eventlog.Snapshot // newest whole one
}

type snapshotKey struct {
	tenant scheduler.TenantName
	seq    uint64
}

func newSnapshots(s *Sim) *snapshots {
	return &snapshots{s: s, kept: &memory.Snapshots{}, damaged: map[snapshotKey]bool{}, last: map[scheduler.TenantName]eventlog.Snapshot{}}
}

// snapshotsOf is the store of snapshots as one process sees it.
type snapshotsOf struct {
	*snapshots
	p *process
}

var _ eventlog.Snapshots = snapshotsOf{}

// Put implements eventlog.Snapshots.
func (k snapshotsOf) Put(ctx context.Context, snap eventlog.Snapshot) error {
	s := k.s
	switch {
	case k.p.dead:
		return eventlog.ErrClosed
	case s.strikes("snapshot lost"):
		return fmt.Errorf("save snapshot: %w", errDisk)
	case s.strikes("crash at a snapshot"):
		if s.rng.IntN(2) == 0 {
			k.p.die()
			return eventlog.ErrClosed
		}
		defer k.p.die()
	}
	key := snapshotKey{snap.Tenant, snap.Seq}
	delete(k.damaged, key)
	switch {
	case s.strikes("snapshot damaged"):
		k.damaged[key] = true
	case s.strikes("snapshot of another form"):
		snap.Version++ // what its data mean is unknown: those of an older one stand for it
		if old, ok := k.last[snap.Tenant]; ok {
			snap.Data = old.Data
		}
	default:
		k.last[snap.Tenant] = snap
	}
	s.covered["snapshots"]++
	return k.kept.Put(ctx, snap)
}

// Latest passes over damaged snapshots, as a store with checksums does.
func (k *snapshots) Latest(ctx context.Context, t scheduler.TenantName, atMost uint64) (*eventlog.Snapshot, []eventlog.SnapshotDamage, error) {
	var passed []eventlog.SnapshotDamage
	for {
		snap, _, err := k.kept.Latest(ctx, t, atMost)
		if err != nil || snap == nil || !k.damaged[snapshotKey{t, snap.Seq}] {
			return snap, passed, err
		}
		k.s.covered["damaged snapshots passed over"]++
		passed = append(passed, eventlog.SnapshotDamage{Tenant: t, Seq: snap.Seq, Reason: "its checksum is another one"})
		if snap.Seq <= 1 {
			return nil, passed, nil
		}
		atMost = snap.Seq - 1
	}
}

// Close implements eventlog.Snapshots.
func (k *snapshots) Close() error { return nil }
