package replica

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// fold keeps a tenant's live state until ctx ends or the log is damaged.
func (r *Replica) fold(ctx context.Context, t *tenant) {
	for ctx.Err() == nil {
		err := r.foldOn(ctx, t, r.cfg.Log.Follow)
		if !r.again(ctx, t, "fold", err) {
			return
		}
	}
}

// again decides whether to go on after err: damage stops the tenant, other
// trouble is waited out.
func (r *Replica) again(ctx context.Context, t *tenant, doing string, err error) bool {
	if ctx.Err() != nil || err == nil {
		return ctx.Err() == nil
	}
	if lasting(err) {
		r.cfg.Logger.Error("tenant's replica stops", "tenant", t.name, "doing", doing, "err", err)
		t.stop(err)
		return false
	}
	r.cfg.Logger.Warn("tenant's replica tries again", "tenant", t.name, "doing", doing, "err", err)
	t.trouble(err)
	return pause(ctx, r.cfg.RetryAfter)
}

// lasting tells damage from trouble that may pass.
func lasting(err error) bool {
	return errors.Is(err, eventlog.ErrDamaged) || errors.Is(err, eventlog.ErrFatal) ||
		errors.Is(err, eventlog.ErrClosed) || errors.Is(err, errMeaning)
}

// errMeaning says that a record is intact and makes no sense.
var errMeaning = errors.New("the commit can't be understood")

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// records reads a tenant's records from a sequence on.
type records func(ctx context.Context, t scheduler.TenantName, from uint64) iter.Seq2[eventlog.Record, error]

// foldOn loads the state from the newest snapshot and folds commits into it.
func (r *Replica) foldOn(ctx context.Context, t *tenant, read records) error {
	at, err := r.beginFold(ctx, t)
	if err != nil {
		return err
	}
	return r.foldFrom(ctx, t, at, read)
}

// beginFold shows the state of the newest snapshot.
func (r *Replica) beginFold(ctx context.Context, t *tenant) (eventlog.Head, error) {
	head, err := r.cfg.Log.Head(ctx, t.name)
	if err != nil {
		return eventlog.Head{}, fmt.Errorf("head of tenant %s: %w", t.name, err)
	}
	state, at, err := loadState(ctx, &r.cfg, t.name)
	if err != nil {
		return eventlog.Head{}, err
	}
	if folded := t.status().Folded; at.Seq < folded {
		// The state that is shown stays until the new one has got as far.
		if state, at, err = r.foldTo(ctx, t, state, at, folded); err != nil {
			return eventlog.Head{}, err
		}
	}
	t.show(state, at.Seq)
	t.folded = at
	t.reach(head.Seq)
	return at, nil
}

// foldFrom folds the commits behind at into the state that is shown.
func (r *Replica) foldFrom(ctx context.Context, t *tenant, at eventlog.Head, read records) error {
	chain := eventlog.Chain{Tenant: t.name, Head: at}
	for rec, err := range read(ctx, t.name, at.Seq+1) {
		if err != nil {
			return fmt.Errorf("follow tenant %s: %w", t.name, err)
		}
		events, err := next(&chain, rec, r.cfg.Decode)
		if err != nil {
			return err
		}
		if err := t.foldIn(events, rec.Seq); err != nil {
			return err
		}
		t.folded = chain.Head
	}
	return nil
}

// foldTo folds the commits up to sequence to into a state that nobody sees.
func (r *Replica) foldTo(ctx context.Context, t *tenant, s *scheduler.State, at eventlog.Head, to uint64) (*scheduler.State, eventlog.Head, error) {
	chain := eventlog.Chain{Tenant: t.name, Head: at}
	err := r.cfg.Log.Read(ctx, t.name, at.Seq+1, func(rec eventlog.Record, _ eventlog.Hash) error {
		if rec.Seq > to {
			return errEnough
		}
		events, err := next(&chain, rec, r.cfg.Decode)
		if err != nil {
			return err
		}
		return foldEvents(s, events, rec.Seq)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, at, fmt.Errorf("read tenant %s: %w", t.name, err)
	}
	if chain.Head.Seq < to {
		return nil, at, shrunk(t.name, chain.Head.Seq, to)
	}
	return s, chain.Head, nil
}

var errEnough = errors.New("enough read")

// shrunk is the damage of a log that ends before what was read of it earlier.
func shrunk(t scheduler.TenantName, head, seen uint64) error {
	return &eventlog.DamageError{Tenant: t, Seq: head + 1,
		Reason: fmt.Sprintf("the log ends at record %d and was read up to %d before", head, seen),
		Hint:   "restore the log from a copy that has the missing records, or delete models.db if this log was restored on purpose"}
}

// next checks that rec extends the chain and decodes it.
func next(chain *eventlog.Chain, rec eventlog.Record, decode func([]byte) ([]scheduler.Event, error)) ([]scheduler.Event, error) {
	if err := chain.Next(rec, rec.Hash()); err != nil {
		return nil, err
	}
	events, err := decode(rec.Body)
	if err != nil {
		return nil, fmt.Errorf("tenant %s, record %d: %w: %w", rec.Tenant, rec.Seq, errMeaning, err)
	}
	return events, nil
}

// show makes a loaded state the one that is viewed.
func (t *tenant) show(s *scheduler.State, seq uint64) {
	t.stateMu.Lock()
	defer t.stateMu.Unlock()
	t.state = s
	t.update(func(at *Status) {
		if at.Folded = max(seq, at.Folded); !at.Stopped { // the projector may have stopped the tenant meanwhile
			at.Err = nil
		}
	})
}

// foldIn folds one commit into the state that is viewed.
func (t *tenant) foldIn(events []scheduler.Event, seq uint64) error {
	t.stateMu.Lock()
	defer t.stateMu.Unlock()
	if err := foldEvents(t.state, events, seq); err != nil {
		t.stop(err) // before any view of the half-folded state
		return err
	}
	t.update(func(at *Status) { at.Folded = seq })
	return nil
}

// foldEvents folds a commit; events that do not fit the state are an error.
func foldEvents(s *scheduler.State, events []scheduler.Event, seq uint64) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("tenant %s, record %d: %w: %v", s.Tenant, seq, errMeaning, p)
		}
	}()
	scheduler.Fold(s, events)
	return nil
}
