package engine

import (
	"errors"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestBrokenPromiseTellsWhatWasDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.approve(2)
	var asked []scheduler.Effect
	e := w.stepped(&asked)
	head := e.Head()
	e.Submit(Delivery{Command: &scheduler.TriggerEvent{ID: "odd"}})
	err := e.Step(t.Context(), w.input(1))
	var broken *BrokenError
	if !errors.As(err, &broken) {
		t.Fatalf("got %v", err)
	}
	if broken.Head != head || broken.Input != 1 || len(broken.Commands) != 2 || broken.Meta.Time.IsZero() || !strings.Contains(string(broken.Stack), "Decide") {
		t.Errorf("got %+v", broken)
	}
	// A new life decides the same from the log alone, and breaks in the same way.
	again := w.stepped(&asked)
	if again.Head().Seq < head.Seq {
		t.Errorf("the log ends at %d", again.Head().Seq)
	}
	defer func() {
		if p := recover(); p == nil || !strings.Contains(broken.Cause, "unknown command") {
			t.Errorf("replayed, it says %v, and said %s", p, broken.Cause)
		}
	}()
	scheduler.Step(again.State(), broken.Meta, broken.Commands)
}

func TestInputsCanBePassedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.approve(2)
	var asked []scheduler.Effect
	e := w.stepped(&asked)
	e.cfg.Skip = 1
	if _, err := e.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Resume(t.Context(), "inputs"); err != nil {
		t.Fatal(err)
	}
	if err := e.Step(t.Context(), w.input(1), w.input(2)); err != nil {
		t.Fatal(err)
	}
	if n := len(e.State().Inbox); n != 1 {
		t.Errorf("%d events wait, want that of the second input", n)
	}
	var mark eventlog.InputMark
	again := w.stepped(&asked)
	if mark = again.mark; mark.Seq != 2 {
		t.Errorf("the next life begins after input %d", mark.Seq)
	}
}
