package past

import (
	"context"
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// View calls fn with the state after a commit of the log. fn must only read
// the state and keep nothing of it. One folding runs at a time; the way there
// begins at the newest snapshot before, or at the first commit when there is
// none, unless a state that was asked for lately is nearer.
func (r *Reader) View(ctx context.Context, t scheduler.TenantName, seq uint64, fn func(*scheduler.State)) error {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Patience)
	defer cancel()
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return r.gaveUp(ctx, t, 0)
	}
	s, err := r.nearest(ctx, t, seq)
	if err != nil {
		return err
	}
	err = r.fold(ctx, t, s, seq)
	if err == nil || ctx.Err() != nil { // after a lack of time the next question goes on from here
		r.cache.put(t, s)
	}
	if err != nil {
		return err
	}
	fn(s.state)
	return nil
}

// stand is a state after a commit.
type stand struct {
	state *scheduler.State
	seq   uint64
}

// nearest returns the newest state at hand that is not too new. One from the
// cache is taken out of it, since it is about to change.
func (r *Reader) nearest(ctx context.Context, t scheduler.TenantName, seq uint64) (*stand, error) {
	cached := r.cache.take(t, seq)
	if cached != nil && cached.seq == seq {
		return cached, nil
	}
	snap, err := r.snapshot(ctx, t, seq)
	switch {
	case err != nil:
		return nil, err
	case cached != nil && (snap == nil || snap.seq <= cached.seq):
		return cached, nil
	case snap != nil:
		return snap, nil
	}
	return &stand{state: scheduler.NewState(t)}, nil
}

// snapshot restores the newest usable snapshot up to seq, or nil. One that
// does not belong to the log is passed over: who serves the tenant says so.
func (r *Reader) snapshot(ctx context.Context, t scheduler.TenantName, seq uint64) (*stand, error) {
	for atMost := seq; r.cfg.Snapshots != nil && atMost > 0; {
		snap, _, err := r.cfg.Snapshots.Latest(ctx, t, atMost)
		if err != nil {
			return nil, fmt.Errorf("snapshot of tenant %s: %w", t, err)
		}
		if snap == nil {
			return nil, nil
		}
		if snap.Version == scheduler.SnapshotVersion && r.agrees(ctx, snap) {
			if state, err := scheduler.Restore(snap.Data); err == nil {
				return &stand{state: state, seq: snap.Seq}, nil
			}
		}
		atMost = snap.Seq - 1
	}
	return nil, nil
}

func (r *Reader) agrees(ctx context.Context, snap *eventlog.Snapshot) bool {
	agrees := false
	err := r.cfg.Log.Read(ctx, snap.Tenant, snap.Seq, func(rec eventlog.Record, h eventlog.Hash) error {
		agrees = rec.Seq == snap.Seq && h == snap.Hash
		return errEnough
	})
	return errors.Is(err, errEnough) && agrees
}

// fold brings a state up to seq.
func (r *Reader) fold(ctx context.Context, t scheduler.TenantName, s *stand, seq uint64) error {
	from := s.seq
	err := r.Commits(ctx, t, s.seq+1, seq, func(c Commit) error {
		if err := apply(s.state, c); err != nil {
			return err
		}
		s.seq = c.Seq
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return r.gaveUp(ctx, t, s.seq-from)
	case err != nil:
		return fmt.Errorf("fold tenant %s: %w", t, err)
	case s.seq < seq:
		return &scheduler.Rejection{Code: "not_found", Message: "the log ends before", Subject: fmt.Sprint(seq)}
	}
	return nil
}

// apply folds a commit. One that does not fit is an error, and no reason to die.
func apply(s *scheduler.State, c Commit) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("record %d does not fit what is before it: %v", c.Seq, p)
		}
	}()
	scheduler.Fold(s, c.Events)
	return nil
}

// gaveUp says that there was not time enough.
func (r *Reader) gaveUp(ctx context.Context, t scheduler.TenantName, folded uint64) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	return &scheduler.Rejection{
		Code: "unavailable", Subject: string(t),
		Message: fmt.Sprintf("reading the log up to then takes longer than %s (%d commits were read); "+
			"ask again to go on, or ask for a later time", r.cfg.Patience, folded),
	}
}
