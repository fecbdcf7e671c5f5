package engine

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// load rebuilds the working state from the newest snapshot and the tail.
func (e *Engine) load(ctx context.Context) error {
	head, err := e.cfg.Log.Head(ctx, e.cfg.Tenant)
	if err != nil {
		return fmt.Errorf("read head of tenant %s: %w", e.cfg.Tenant, err)
	}
	state, from := e.fromSnapshot(ctx, head.Seq)
	if state == nil {
		state = scheduler.NewState(e.cfg.Tenant)
	}
	var mark eventlog.InputMark
	// The snapshot's own record is read too, for its mark and hash.
	err = e.cfg.Log.Read(ctx, e.cfg.Tenant, max(from, 1), func(r eventlog.Record, _ eventlog.Hash) error {
		if len(r.Inputs) > 0 {
			mark = r.Inputs[0]
		}
		if r.Seq <= from {
			return nil
		}
		events, err := e.cfg.Codec.DecodeEvents(r.Body)
		if err != nil {
			return fmt.Errorf("record %d: %w", r.Seq, err)
		}
		return fold(state, r.Seq, events)
	})
	if err != nil {
		return fmt.Errorf("read log of tenant %s: %w", e.cfg.Tenant, err)
	}
	mark.Seq = max(mark.Seq, e.cfg.Skip) // the next commit remembers it
	e.state, e.mark, e.saved = state, mark, from
	if e.cfg.Loaded != nil {
		e.cfg.Loaded(state)
	}
	e.consumedTo(head, mark.Seq)
	return nil
}

// fold applies a record. One that does not fit the state must stop its tenant
// and not the process, at every start again.
func fold(state *scheduler.State, seq uint64, events []scheduler.Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("record %d does not fit what is before it: %v\n%s", seq, p, debug.Stack())
		}
	}()
	scheduler.Fold(state, events)
	return nil
}

// fromSnapshot returns the newest usable snapshot that the log agrees with.
func (e *Engine) fromSnapshot(ctx context.Context, head uint64) (*scheduler.State, uint64) {
	if e.cfg.Snapshots == nil || head == 0 {
		return nil, 0
	}
	snap, damages, err := e.cfg.Snapshots.Latest(ctx, e.cfg.Tenant, head)
	for _, d := range damages {
		e.cfg.Logger.Warn("snapshot passed over", "tenant", e.cfg.Tenant, "seq", d.Seq, "reason", d.Reason)
	}
	if err != nil || snap == nil || snap.Version != scheduler.SnapshotVersion {
		return nil, 0
	}
	agrees := false
	err = e.cfg.Log.Read(ctx, e.cfg.Tenant, snap.Seq, func(r eventlog.Record, h eventlog.Hash) error {
		agrees = r.Seq == snap.Seq && h == snap.Hash
		return errStop
	})
	if err != errStop || !agrees {
		e.cfg.Logger.Warn("snapshot does not belong to this log", "tenant", e.cfg.Tenant, "seq", snap.Seq)
		return nil, 0
	}
	state, err := scheduler.Restore(snap.Data)
	if err != nil {
		e.cfg.Logger.Warn("snapshot passed over", "tenant", e.cfg.Tenant, "seq", snap.Seq, "err", err)
		return nil, 0
	}
	return state, snap.Seq
}

// errStop ends a Read that has seen enough.
var errStop = fmt.Errorf("enough read")

// resume goes on where an earlier life stopped: configuration is read again,
// builds of executors that are gone are lost, and every effect without an
// answer is derived once more.
func (e *Engine) resume(ctx context.Context) error {
	e.state.Wake()
	first := []Delivery{{Command: scheduler.Reconfigure{Reason: "started"}}}
	for _, name := range scheduler.Executors(e.state) {
		if e.cfg.Alive == nil || !e.cfg.Alive(name) {
			first = append(first, Delivery{Command: scheduler.LostExecutor{Executor: name}})
		}
	}
	open := scheduler.OpenEffects(e.state)
	if err := e.commit(ctx, first); err != nil {
		return err
	}
	for _, f := range open {
		if _, load := f.(scheduler.LoadLayout); !load { // the commit above asked anew
			e.ask(f)
		}
	}
	return nil
}

func (e *Engine) maybeSnapshot(ctx context.Context) {
	if e.cfg.Snapshots != nil && e.head.Seq >= e.saved+e.cfg.SnapshotEvery {
		e.snapshot(ctx)
	}
}

// snapshot encodes the state and saves it beside the deciding, one at a time.
// Losing one costs time at the next start, so an error is only told.
func (e *Engine) snapshot(ctx context.Context) {
	if e.cfg.Snapshots == nil || e.head.Seq == e.saved {
		return
	}
	data, err := scheduler.Snapshot(e.state)
	if err != nil {
		e.cfg.Logger.Error("snapshot not made", "tenant", e.cfg.Tenant, "err", err)
		return
	}
	snap := eventlog.Snapshot{
		Tenant: e.cfg.Tenant, Seq: e.head.Seq, Hash: e.head.Hash, Version: scheduler.SnapshotVersion, Data: data,
	}
	e.saved = e.head.Seq
	e.saving.Wait()
	e.beside(func() {
		if err := e.cfg.Snapshots.Put(context.WithoutCancel(ctx), snap); err != nil {
			e.cfg.Logger.Error("snapshot not saved", "tenant", e.cfg.Tenant, "err", err)
		}
	})
}

func (e *Engine) beside(task func()) {
	if e.cfg.Beside != nil {
		e.cfg.Beside(task)
		return
	}
	e.saving.Go(task)
}
