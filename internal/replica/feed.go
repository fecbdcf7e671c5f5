package replica

import (
	"context"
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/store"
)

// workQueue is how many decoded commits wait for the projector.
const workQueue = 1024

// projection is a commit on its way to the read models.
type projection struct {
	tenant *tenant
	life   uint64 // of the feed that read it
	commit store.Commit
}

// feed sends a tenant's commits to the projector, from behind the last that
// the read models hold, until ctx ends or the log is damaged. It begins again
// when the tenant's read models were reset.
func (r *Replica) feed(ctx context.Context, t *tenant) {
	for ctx.Err() == nil && !t.status().Stopped {
		turn, cancel := context.WithCancel(ctx)
		life := t.beginFeed(cancel)
		err := r.feedOn(turn, t, life, r.cfg.Log.Follow, func(p projection) {
			select {
			case r.work <- p:
			case <-turn.Done():
			}
		})
		restarted := turn.Err() != nil && ctx.Err() == nil
		cancel()
		if restarted {
			continue
		}
		if !r.again(ctx, t, "project", err) {
			return
		}
	}
}

func (t *tenant) beginFeed(cancel context.CancelFunc) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.life++
	t.restart = cancel
	return t.life
}

// current reports whether a projection comes from the feed under way.
func (t *tenant) current(life uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.life == life && !t.at.Stopped
}

// feedOn hands the commits on that the read models lack.
func (r *Replica) feedOn(ctx context.Context, t *tenant, life uint64, read records, hand func(projection)) error {
	at, err := r.applied(ctx, t)
	if err != nil {
		return err
	}
	t.update(func(s *Status) { s.Projected = at.Seq })
	chain := eventlog.Chain{Tenant: t.name, Head: at}
	for rec, err := range read(ctx, t.name, at.Seq+1) {
		if err != nil {
			return fmt.Errorf("follow tenant %s: %w", t.name, err)
		}
		events, err := next(&chain, rec, r.cfg.Decode)
		if err != nil {
			return err
		}
		hand(projection{tenant: t, life: life, commit: store.Commit{Tenant: t.name,
			Seq: rec.Seq, Hash: chain.Head.Hash, Time: rec.Time, Events: events}})
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// applied returns what the read models hold of a tenant, after a look whether
// the log still has that very record.
func (r *Replica) applied(ctx context.Context, t *tenant) (eventlog.Head, error) {
	p, err := r.cfg.Models.Applied(t.name)
	if errors.Is(err, store.ErrDamaged) {
		r.cfg.Logger.Warn("read models are filled anew from the log", "tenant", t.name, "err", err)
		if err := r.cfg.Models.Reset(t.name); err != nil {
			return eventlog.Head{}, err
		}
		return eventlog.Head{}, nil
	}
	if err != nil || p.Seq == 0 {
		return eventlog.Head{}, err
	}
	head, err := r.cfg.Log.Head(ctx, t.name)
	if err != nil {
		return eventlog.Head{}, fmt.Errorf("head of tenant %s: %w", t.name, err)
	}
	if head.Seq < p.Seq {
		return eventlog.Head{}, shrunk(t.name, head.Seq, p.Seq)
	}
	hash, err := hashAt(ctx, r.cfg.Log, t.name, p.Seq)
	if err == nil && hash != eventlog.Hash(p.Hash) {
		err = &eventlog.DamageError{Tenant: t.name, Seq: p.Seq,
			Reason: fmt.Sprintf("its hash is %x and the read models were made from one with %x", hash[:8], p.Hash[:8]),
			Hint:   "restore the log, or delete the read models if the log is the right one"}
	}
	return eventlog.Head{Seq: p.Seq, Hash: hash}, err
}
