package replica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// A batch ends at either: one transaction of that size takes some 50 ms.
const (
	batchCommits = 1024
	batchEvents  = 4096
)

// maxRebuilds is how often a tenant's damaged read models are filled anew
// before the damage is taken to come from something that will not go away.
const maxRebuilds = 3

// projectAll applies commits of all tenants until ctx ends: as many in one
// transaction as come within a moment.
func (r *Replica) projectAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-r.work:
			r.project(ctx, r.batch(ctx, p))
		}
	}
}

func (r *Replica) batch(ctx context.Context, first projection) []projection {
	out, events := []projection{first}, len(first.commit.Events)
	moment := time.NewTimer(r.cfg.GatherFor)
	defer moment.Stop()
	for len(out) < batchCommits && events < batchEvents {
		select {
		case p := <-r.work:
			out = append(out, p)
			events += len(p.commit.Events)
			continue
		default:
		}
		select {
		case p := <-r.work:
			out = append(out, p)
			events += len(p.commit.Events)
		case <-r.hurry:
			return out
		case <-moment.C:
			return out
		case <-ctx.Done():
			return out
		}
	}
	return out
}

// project applies a batch, and if that fails each tenant's part on its own, so
// that one tenant's trouble stays its own.
func (r *Replica) project(ctx context.Context, batch []projection) {
	if r.apply(ctx, batch) == nil {
		return
	}
	byTenant := map[*tenant][]projection{}
	var order []*tenant
	for _, p := range batch {
		if byTenant[p.tenant] == nil {
			order = append(order, p.tenant)
		}
		byTenant[p.tenant] = append(byTenant[p.tenant], p)
	}
	for _, t := range order {
		for ctx.Err() == nil {
			err := r.apply(ctx, byTenant[t])
			if err == nil || !r.retry(ctx, t, byTenant[t], err) {
				break
			}
		}
	}
}

// apply passes over projections of feeds that have been ended.
func (r *Replica) apply(ctx context.Context, batch []projection) error {
	commits := make([]store.Commit, 0, len(batch))
	last := map[*tenant]uint64{}
	for i := range batch {
		if p := &batch[i]; p.tenant.current(p.life) {
			commits = append(commits, p.commit)
			last[p.tenant] = p.commit.Seq
		}
	}
	if err := r.cfg.Models.Apply(ctx, commits); err != nil {
		return err
	}
	for t, seq := range last {
		r.projected(t, seq)
	}
	return nil
}

// progressEvery is how many commits of a refill are one line in the log.
const progressEvery = 20_000

// projected notes that a tenant's read models hold commit seq.
func (r *Replica) projected(t *tenant, seq uint64) {
	before := t.status()
	t.update(func(at *Status) { at.Projected = max(seq, at.Projected) })
	t.trouble(nil)
	now := t.status()
	if now.CaughtUp && !before.CaughtUp {
		r.cfg.Logger.Info("tenant is up to date", "tenant", t.name, "seq", now.Projected)
	} else if !now.CaughtUp && before.Projected/progressEvery != now.Projected/progressEvery {
		r.cfg.Logger.Info("read models are being filled", "tenant", t.name, "seq", now.Projected, "of", t.target())
	}
}

// retry decides what follows a tenant's failed transaction: damaged rows are
// filled anew, what contradicts the log stops the tenant, and the rest, such
// as a full disk, is waited out.
func (r *Replica) retry(ctx context.Context, t *tenant, batch []projection, err error) bool {
	switch {
	case ctx.Err() != nil:
		return false
	case !t.current(batch[len(batch)-1].life):
		return true // its rows were reset meanwhile: apply drops the batch
	case errors.Is(err, store.ErrDamaged):
		r.rebuild(t, err)
		return false
	case errors.Is(err, store.ErrGap), errors.Is(err, store.ErrClosed):
		r.cfg.Logger.Error("tenant's replica stops", "tenant", t.name, "doing", "project", "err", err)
		t.stop(err)
		return false
	}
	r.cfg.Logger.Warn("read models can't be written, trying again", "tenant", t.name, "err", err)
	t.trouble(err)
	return pause(ctx, r.cfg.RetryAfter)
}

// Rebuild fills a tenant's read models anew from the log, because of damage
// that a reader of them met. Queries see what has been filled so far. It does
// nothing while the tenant is being rebuilt already.
func (r *Replica) Rebuild(name scheduler.TenantName, cause error) {
	if t := r.tenant(name); t != nil && !t.refilling() {
		r.rebuild(t, cause)
	}
}

func (r *Replica) rebuild(t *tenant, cause error) {
	tries, restart := t.beginRefill()
	r.cfg.Logger.Warn("read models are filled anew from the log", "tenant", t.name, "err", cause)
	if tries > maxRebuilds {
		t.stop(fmt.Errorf("read models were damaged %d times: %w", tries, cause))
		return
	}
	if err := r.cfg.Models.Reset(t.name); err != nil {
		t.stop(fmt.Errorf("reset damaged read models, a restart makes them anew: %w", err))
		return
	}
	if restart != nil {
		restart()
	}
}

// beginRefill makes what the feed under way has read worthless. It returns how
// often that happened, and how to end the feed.
func (t *tenant) beginRefill() (tries int, restart context.CancelFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rebuilds++
	t.life++
	t.refillTo = max(t.refillTo, t.at.Projected)
	t.at.Projected = 0
	return t.rebuilds, t.restart
}

// refilling reports whether a rebuild has not come as far as it was before.
func (t *tenant) refilling() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refillTo > t.at.Projected
}

// target is the commit at which the tenant counts as caught up.
func (t *tenant) target() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.goal
}
