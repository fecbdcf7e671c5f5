package replica

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// CatchUp does once, in the caller's goroutine, what Run does all the time: it
// folds and projects what the log has now, of every tenant. A simulation drives
// a replica with it. It must not be called while Run runs.
func (r *Replica) CatchUp(ctx context.Context) error {
	names, err := r.cfg.Log.Tenants(ctx)
	if err != nil {
		return fmt.Errorf("list the log's tenants: %w", err)
	}
	r.Track(names...)
	var errs []error
	for _, name := range r.Tenants() {
		if t := r.tenant(name); !t.status().Stopped {
			errs = append(errs, r.catchUp(ctx, t))
		}
		if at := r.tenant(name).status(); at.Stopped {
			errs = append(errs, fmt.Errorf("tenant %s: %w: %w", name, ErrStopped, at.Err))
		}
	}
	return errors.Join(errs...)
}

// catchUp does it for one tenant. Damage stops it, as it does under Run.
func (r *Replica) catchUp(ctx context.Context, t *tenant) error {
	err := r.foldNow(ctx, t)
	if err == nil {
		err = r.projectNow(ctx, t)
	}
	if err != nil && lasting(err) {
		t.stop(err)
	}
	return err
}

func (r *Replica) foldNow(ctx context.Context, t *tenant) error {
	if t.state == nil {
		return r.foldOn(ctx, t, r.written)
	}
	return r.foldFrom(ctx, t, t.folded, r.written)
}

func (r *Replica) projectNow(ctx context.Context, t *tenant) error {
	for {
		turn, restart := context.WithCancel(ctx)
		life := t.beginFeed(restart)
		var batch []projection
		err := r.feedOn(turn, t, life, r.written, func(p projection) { batch = append(batch, p) })
		if err == nil && len(batch) > 0 {
			r.project(ctx, batch)
		}
		again := turn.Err() != nil && ctx.Err() == nil // its read models were reset
		restart()
		if !again {
			return err
		}
	}
}

// written reads the records that the log has now, without waiting for more.
func (r *Replica) written(ctx context.Context, t scheduler.TenantName, from uint64) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		err := r.cfg.Log.Read(ctx, t, from, func(rec eventlog.Record, _ eventlog.Hash) error {
			if !yield(rec, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(eventlog.Record{}, err)
		}
	}
}
