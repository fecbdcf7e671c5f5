package replica

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// loadState returns the state of the newest snapshot, or that of the
// beginning. A snapshot beyond the log's head proves that the log shrank.
func loadState(ctx context.Context, cfg *Config, t scheduler.TenantName) (*scheduler.State, eventlog.Head, error) {
	for atMost := uint64(math.MaxUint64); cfg.Snapshots != nil && atMost > 0; {
		snap, passed, err := cfg.Snapshots.Latest(ctx, t, atMost)
		for _, d := range passed {
			cfg.Logger.Warn("snapshot is passed over", "tenant", t, "seq", d.Seq, "err", d.Reason)
		}
		if err != nil {
			return nil, eventlog.Head{}, fmt.Errorf("newest snapshot of tenant %s: %w", t, err)
		}
		if snap == nil {
			break
		}
		state, err := restore(ctx, cfg, snap)
		if err != nil {
			return nil, eventlog.Head{}, err
		}
		if state != nil {
			return state, eventlog.Head{Seq: snap.Seq, Hash: snap.Hash}, nil
		}
		atMost = snap.Seq - 1
	}
	return scheduler.NewState(t), eventlog.Head{}, nil
}

// restore returns a snapshot's state, nil when it can't be used. A snapshot
// of another log than this one is damage, not a reason to look further.
func restore(ctx context.Context, cfg *Config, snap *eventlog.Snapshot) (*scheduler.State, error) {
	hash, err := hashAt(ctx, cfg.Log, snap.Tenant, snap.Seq)
	if err != nil {
		return nil, err
	}
	if hash != snap.Hash {
		return nil, &eventlog.DamageError{Tenant: snap.Tenant, Seq: snap.Seq,
			Reason: fmt.Sprintf("its hash is %x and a snapshot was taken after one with %x", hash[:8], snap.Hash[:8]),
			Hint:   "restore the log, or delete the snapshots if the log is the right one"}
	}
	if snap.Version != scheduler.SnapshotVersion {
		return nil, nil
	}
	state, err := scheduler.Restore(snap.Data)
	if err != nil {
		cfg.Logger.Warn("snapshot is passed over", "tenant", snap.Tenant, "seq", snap.Seq, "err", err)
		return nil, nil
	}
	return state, nil
}

// hashAt returns the hash of a record that the log must have.
func hashAt(ctx context.Context, l Log, t scheduler.TenantName, seq uint64) (eventlog.Hash, error) {
	var hash eventlog.Hash
	found := false
	err := l.Read(ctx, t, seq, func(r eventlog.Record, h eventlog.Hash) error {
		hash, found = h, r.Seq == seq
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return hash, fmt.Errorf("read record %d of tenant %s: %w", seq, t, err)
	}
	if !found {
		return hash, shrunk(t, seq-1, seq)
	}
	return hash, nil
}
