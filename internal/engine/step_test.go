package engine

import (
	"context"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/memory"
	"github.com/gozer-ci/gozer/scheduler"
)

// stepped makes an engine that works only when the test says so. What it asks
// for is kept and not answered.
func (w *world) stepped(asked *[]scheduler.Effect) *Engine {
	w.t.Helper()
	e := w.engine()
	e.cfg.Perform = func(f scheduler.Effect) { *asked = append(*asked, f) }
	e.cfg.Alive = func(scheduler.ExecutorName) bool { return true }
	e.cfg.Pause = func(context.Context, time.Duration) {}
	e.cfg.Beside = func(task func()) { task() }
	if _, err := e.Load(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if err := e.Resume(w.t.Context(), "inputs"); err != nil {
		w.t.Fatal(err)
	}
	return e
}

func (w *world) input(n int) Input { return Input{Seq: uint64(n), Data: w.inputs.items[n-1]} }

// TestAnswersOfALostRaceAreDecided lets another engine decide an input first.
// The answer in the same batch is decided all the same, and before it counts as
// committed.
func TestAnswersOfALostRaceAreDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.approve(2)
	var asked, ignored []scheduler.Effect
	a := w.stepped(&asked)
	ctx := t.Context()
	submit := func(e *Engine, c scheduler.Command) *uint64 {
		var at uint64
		e.Submit(Delivery{Command: c, Committed: func() { at = e.Head().Seq }})
		return &at
	}
	answerAll := func() {
		for len(asked) > 0 {
			f := asked[0]
			asked = asked[1:]
			switch f.(type) {
			case scheduler.LoadLayout, scheduler.PrepareItem:
				for _, c := range w.answer(f) {
					submit(a, c)
				}
				if err := a.Step(ctx); err != nil {
					t.Fatal(err)
				}
			case scheduler.StartBuild:
				return
			}
		}
	}
	answerAll()
	if err := a.Step(ctx, w.input(1)); err != nil {
		t.Fatal(err)
	}
	answerAll()
	var build scheduler.BuildID
	for _, r := range a.State().Pipeline("gate").Queues[0].Items[0].Buildset.Jobs {
		if r.Build != nil {
			build = r.Build.ID
		}
	}
	b := w.stepped(&ignored)
	if err := b.Step(ctx, w.input(2)); err != nil {
		t.Fatal(err)
	}
	at := submit(a, scheduler.CompletedBuild{Build: build, Result: scheduler.ResultSuccess})
	if err := a.Step(ctx, w.input(2)); err != nil {
		t.Fatal(err)
	}
	x := a.State().Build(build)
	if x == nil || x.Result != scheduler.ResultSuccess {
		t.Errorf("the answer that lost the race was acknowledged in commit %d and never decided", *at)
	}
	// The other engine's configuration is not loaded, so that its input waits.
	if got := len(a.State().Pipeline("gate").Queues[0].Items) + len(a.State().Inbox); got != 2 {
		t.Errorf("%d inputs were taken, not 2", got)
	}
	before := a.Head()
	if err := a.Step(ctx, w.input(1), w.input(2)); err != nil || a.Head() != before {
		t.Errorf("inputs that the log has made another commit: %v", err)
	}
}

// TestOwnRecordIsNotDecidedTwice keeps a record whose acknowledgement is lost:
// nothing is decided again, and what it asked for is asked.
func TestOwnRecordIsNotDecidedTwice(t *testing.T) {
	t.Parallel()
	fault := memory.None
	w := newWorld(t, 1, memory.WithFault(func(eventlog.Record) (memory.Fault, error) { return fault, errDisk }))
	w.approve(1)
	var asked []scheduler.Effect
	e := w.stepped(&asked)
	asked = nil
	fault = memory.Keep
	committed := false
	e.Submit(Delivery{Command: scheduler.Reconfigure{Reason: "test"}, Committed: func() { committed = true }})
	before := e.Head().Seq
	if err := e.Step(t.Context(), w.input(1)); err != nil {
		t.Fatal(err)
	}
	if e.Head().Seq != before+1 || !committed {
		t.Errorf("the log went from %d to %d, committed %t", before, e.Head().Seq, committed)
	}
	if len(asked) == 0 {
		t.Error("what the record asks for was never asked")
	}
	if len(e.State().Inbox) != 1 {
		t.Errorf("the inbox has %d entries, not 1", len(e.State().Inbox))
	}
}
