package replica

import (
	"context"
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/store"
)

// replay folds the whole log, and projects it as far as the read models are.
func (v *verifier) replay(ctx context.Context) error {
	if err := v.meet(0); err != nil {
		return err
	}
	err := v.cfg.Log.Read(ctx, v.out.Tenant, 1, func(rec eventlog.Record, _ eventlog.Hash) error {
		events, err := next(&v.chain, rec, v.cfg.Decode)
		if err != nil {
			return err
		}
		if err := foldEvents(v.state, events, rec.Seq); err != nil {
			return err
		}
		v.out.Commits++
		v.out.Events += len(events)
		if err := v.meet(rec.Seq); err != nil {
			return err
		}
		if rec.Seq > v.models {
			return nil
		}
		return v.project(ctx, store.Commit{Tenant: rec.Tenant, Seq: rec.Seq,
			Hash: v.chain.Head.Hash, Time: rec.Time, Events: events})
	})
	if err != nil {
		return err
	}
	return v.flush(ctx)
}

func (v *verifier) project(ctx context.Context, c store.Commit) error {
	v.batch = append(v.batch, c)
	if len(v.batch) < batchCommits {
		return nil
	}
	return v.flush(ctx)
}

func (v *verifier) flush(ctx context.Context) error {
	err := v.rebuilt.Apply(ctx, v.batch)
	v.batch = v.batch[:0]
	return err
}

// comparisons is how often read models are compared anew because they moved on
// while they were rebuilt. Those of a server under load move some ten times a
// second or more, and each time there is little left to rebuild.
const comparisons = 1000

// compareModels compares the read models with the rebuilt ones row by row.
func (v *verifier) compareModels(ctx context.Context) error {
	if !v.readable {
		return nil
	}
	if err := v.cfg.Models.Check(ctx, v.out.Tenant); err != nil {
		if !errors.Is(err, store.ErrDamaged) {
			return err
		}
		v.problem("%v", err)
	}
	for range comparisons {
		diffs, rows, err := v.cfg.Models.Compare(ctx, v.out.Tenant, v.rebuilt, v.cfg.Differences)
		v.out.Differences, v.out.Rows = diffs, rows
		switch {
		case errors.Is(err, store.ErrMoved):
			if moved, err := v.catchUp(ctx); err != nil || !moved {
				return err
			}
			continue
		case errors.Is(err, store.ErrDamaged):
			v.problem("%v", err)
			return nil
		}
		v.out.Models = v.models
		return err
	}
	return fmt.Errorf("read models moved on %d times while they were compared", comparisons)
}

// catchUp rebuilds as far as the read models have moved on, or from the
// beginning when they were reset. They have not moved when the log ends before:
// that is a problem.
func (v *verifier) catchUp(ctx context.Context) (moved bool, err error) {
	p, err := v.cfg.Models.Applied(v.out.Tenant)
	if err != nil {
		return false, err
	}
	from, err := v.rebuilt.Applied(v.out.Tenant)
	if err != nil {
		return false, err
	}
	if p.Seq < from.Seq { // they are being filled anew
		from = store.Position{}
		if err := v.rebuilt.Reset(v.out.Tenant); err != nil {
			return false, err
		}
	}
	chain := eventlog.Chain{Tenant: v.out.Tenant, Head: eventlog.Head{Seq: from.Seq, Hash: from.Hash}}
	err = v.cfg.Log.Read(ctx, v.out.Tenant, from.Seq+1, func(rec eventlog.Record, _ eventlog.Hash) error {
		if rec.Seq > p.Seq {
			return errEnough
		}
		events, err := next(&chain, rec, v.cfg.Decode)
		if err != nil {
			return err
		}
		return v.project(ctx, store.Commit{Tenant: rec.Tenant, Seq: rec.Seq,
			Hash: chain.Head.Hash, Time: rec.Time, Events: events})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return false, err
	}
	if err := v.flush(ctx); err != nil {
		return false, err
	}
	v.models = p.Seq
	if chain.Head.Seq != p.Seq || chain.Head.Hash != eventlog.Hash(p.Hash) {
		v.problem("read models are of commit %d, hash %x; the log has commit %d, hash %x there",
			p.Seq, p.Hash[:8], chain.Head.Seq, chain.Head.Hash[:8])
		return false, nil
	}
	return true, nil
}
