package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// commit decides a batch and makes it durable. After it, effects are handed
// on; before it, nothing outside knows.
func (e *Engine) commit(ctx context.Context, batch []Delivery) error {
	for reloaded := false; ; reloaded = true {
		commands, input := commandsOf(batch)
		started := e.cfg.Now()
		events, err := e.decide(commands, input)
		if err != nil {
			return err
		}
		mark := e.mark
		mark.Seq = max(mark.Seq, input)
		if len(events) == 0 {
			e.mark = mark // nothing to remember: the next commit carries the mark
			e.consumedTo(e.head, mark.Seq)
			finish(batch)
			if reloaded {
				e.performOpen()
			}
			return nil
		}
		decided := e.cfg.Now()
		rec, err := e.record(events, mark)
		if err != nil {
			return err
		}
		head, err := e.cfg.Log.Append(ctx, rec)
		if err == nil {
			e.mark = mark
			e.consumedTo(head, mark.Seq)
			finish(batch)
			took := e.cfg.Now().Sub(decided)
			e.moment = min(took/2, longestMoment)
			e.observe(events, len(commands), decided.Sub(started), took)
			e.perform(events)
			if reloaded {
				e.performOpen()
			}
			e.maybeSnapshot(ctx)
			return nil
		}
		if again, err := e.recover(ctx, err, mark); !again {
			return err
		}
		if ours, err := e.holds(ctx, rec); err != nil {
			return err
		} else if ours {
			finish(batch)
			e.perform(events)
			e.performOpen()
			return nil
		}
		// Another engine may have decided the inputs, but never our answers.
		batch = e.undecided(batch)
	}
}

// decide runs the core on the working state. A panic is a broken invariant:
// the tenant stops with the reason, its log unharmed.
func (e *Engine) decide(commands []scheduler.Command, input uint64) (events []scheduler.Event, err error) {
	m := scheduler.Meta{Time: e.cfg.Now().UTC().Round(0), Entropy: e.cfg.Entropy()}
	defer func() {
		if p := recover(); p != nil {
			err = &BrokenError{
				Tenant: e.cfg.Tenant, Cause: fmt.Sprint(p), Stack: debug.Stack(), Head: e.Head(), Decided: e.mark,
				Meta: m, Commands: commands, Input: input, State: describe(e.state),
			}
		}
	}()
	return scheduler.Step(e.state, m, commands), nil
}

// record is the commit of events as the log takes it.
func (e *Engine) record(events []scheduler.Event, mark eventlog.InputMark) (eventlog.Record, error) {
	body, blobs, err := e.cfg.Codec.EncodeEvents(events)
	if err != nil {
		return eventlog.Record{}, fmt.Errorf("encode commit of tenant %s: %w: %w", e.cfg.Tenant, eventlog.ErrInvalid, err)
	}
	return eventlog.Record{
		Tenant: e.cfg.Tenant, Seq: e.head.Seq + 1, Time: e.cfg.Now().UTC().Round(0), Prev: e.head.Hash,
		Inputs: []eventlog.InputMark{mark}, Body: body, Blobs: blobs,
	}, nil
}

// holds reports whether the log has that very record.
func (e *Engine) holds(ctx context.Context, rec eventlog.Record) (found bool, err error) {
	err = e.cfg.Log.Read(ctx, e.cfg.Tenant, rec.Seq, func(r eventlog.Record, h eventlog.Hash) error {
		found = r.Seq == rec.Seq && h == rec.Hash()
		return errStop
	})
	if err != nil && err != errStop {
		return false, fmt.Errorf("read record %d of tenant %s: %w", rec.Seq, e.cfg.Tenant, err)
	}
	return found, nil
}

// retryPause is how long a refused append waits before it is tried again.
const retryPause = time.Second

// recover throws the working state away after a failed append and reloads what
// the log really holds. It reports whether the batch shall be decided again.
func (e *Engine) recover(ctx context.Context, cause error, mark eventlog.InputMark) (bool, error) {
	switch {
	case ctx.Err() != nil, errors.Is(cause, eventlog.ErrFatal), errors.Is(cause, eventlog.ErrClosed),
		errors.Is(cause, eventlog.ErrDamaged), errors.Is(cause, eventlog.ErrInvalid):
		return false, fmt.Errorf("append to the log of tenant %s: %w", e.cfg.Tenant, cause)
	case errors.Is(cause, eventlog.ErrConflict), errors.Is(cause, eventlog.ErrUnknown):
		e.cfg.Logger.Warn("append has no clear outcome, reading the log again", "tenant", e.cfg.Tenant, "err", cause)
	default:
		e.cfg.Logger.Error("append refused, trying again", "tenant", e.cfg.Tenant, "seq", mark.Seq, "err", cause)
		if e.pause(ctx); ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
	stream := e.mark.Stream
	if err := e.load(ctx); err != nil {
		return false, err
	}
	if e.mark.Stream != stream {
		e.mark = eventlog.InputMark{Stream: stream}
	}
	e.state.Wake()
	return true, nil
}

func (e *Engine) pause(ctx context.Context) {
	if e.cfg.Pause != nil {
		e.cfg.Pause(ctx, retryPause)
		return
	}
	select {
	case <-time.After(retryPause):
	case <-ctx.Done():
	}
}

func (e *Engine) perform(events []scheduler.Event) {
	for _, ev := range events {
		for _, f := range scheduler.Effects(e.state, ev) {
			e.ask(f)
		}
	}
}

// performOpen derives every unanswered effect again. After a reload it is not
// known which of them an earlier, lost acknowledgement kept from being asked.
func (e *Engine) performOpen() {
	for _, f := range scheduler.OpenEffects(e.state) {
		e.ask(f)
	}
}

func (e *Engine) observe(events []scheduler.Event, commands int, decide, append time.Duration) {
	if e.cfg.Observe != nil {
		e.cfg.Observe(Commit{Tenant: e.cfg.Tenant, Seq: e.head.Seq, Commands: commands, Events: events, Input: e.mark.Seq, Decide: decide, Append: append})
	}
}

func finish(batch []Delivery) {
	for _, d := range batch {
		if d.Committed != nil {
			d.Committed()
		}
	}
}

// consumedTo publishes the new head and wakes who waits for an input.
func (e *Engine) consumedTo(head eventlog.Head, input uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.head, e.consumed = head, max(e.consumed, input)
	close(e.changed)
	e.changed = make(chan struct{})
}
