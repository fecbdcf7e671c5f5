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
