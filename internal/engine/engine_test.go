package engine

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// life runs an engine and returns how to end it.
func (w *world) life() (e *Engine, end func() error) {
	e = w.engine()
	ctx, stop := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	return e, func() error {
		stop()
		return <-ended
	}
}

// TestSnapshotAndTailEqualFullReplay starts from a snapshot and from nothing
// and compares what the two lives know.
func TestSnapshotAndTailEqualFullReplay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 5)
		w.approve(5)
		e, end := w.life()
		<-w.all
		synctest.Wait()
		if err := end(); err != nil {
			t.Fatal(err)
		}
		short, full := w.engine(), w.engine()
		full.cfg.Snapshots = nil
		if err := short.load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := full.load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if short.saved == 0 {
			t.Error("no snapshot was used")
		}
		live, _ := scheduler.Snapshot(e.state)
		for name, x := range map[string]*Engine{"snapshot and tail": short, "full replay": full} {
			got, _ := scheduler.Snapshot(x.state)
			if !bytes.Equal(got, live) {
				t.Errorf("%s gives another state than the live one", name)
			}
			if x.mark != e.mark || x.head != e.head {
				t.Errorf("%s is at %v %v, the live one at %v %v", name, x.mark, x.head, e.mark, e.head)
			}
		}
	})
}

// TestDamagedSnapshotIsPassedOver damages what a snapshot says it belongs to.
func TestDamagedSnapshotIsPassedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 3)
		w.approve(3)
		e, end := w.life()
		<-w.all
		synctest.Wait()
		if err := end(); err != nil {
			t.Fatal(err)
		}
		err := w.snapshots.Put(t.Context(), eventlog.Snapshot{
			Tenant: tenant, Seq: e.head.Seq, Hash: eventlog.Hash{1}, Version: scheduler.SnapshotVersion, Data: []byte("{}"),
		})
		if err != nil {
			t.Fatal(err)
		}
		next := w.engine()
		if err := next.load(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, _ := scheduler.Snapshot(next.state)
		if want, _ := scheduler.Snapshot(e.state); !bytes.Equal(got, want) {
			t.Error("a snapshot of another log was used")
		}
	})
}

// TestPanicQuarantinesOneTenant gives the core a command that it does not
// know, which is a broken invariant.
func TestPanicQuarantinesOneTenant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sick, well := newWorld(t, 1), newWorld(t, 2)
		e, end := sick.life()
		other, endOther := well.life()
		synctest.Wait()
		head := e.Head()
		e.Submit(Delivery{Command: &scheduler.TriggerEvent{}, Committed: func() { t.Error("a command that panics was committed") }})
		synctest.Wait()
		if err := e.Err(); err == nil || !strings.Contains(err.Error(), "quarantined") {
			t.Fatalf("the tenant goes on with %v", err)
		}
		if _, err := e.Consumed(t.Context(), 1); err == nil {
			t.Error("waiting for an input of a quarantined tenant gives no error")
		}
		if _, err := eventlog.Verify(t.Context(), sick.log, tenant, func(eventlog.Record) error { return nil }); err != nil || e.Head() != head {
			t.Errorf("the log of the quarantined tenant changed: %v", err)
		}
		well.approve(2)
		<-well.all
		synctest.Wait()
		if err := endOther(); err != nil {
			t.Error(err)
		}
		well.verify(other)
		if err := end(); err == nil {
			t.Error("a quarantined tenant ended without an error")
		}
	})
}

// TestTwoOwners lets two engines work on one log: guarded appends keep the log
// whole, and each goes on from what the other wrote.
func TestTwoOwners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 6)
		a, endA := w.life()
		_, endB := w.life()
		w.approve(6)
		<-w.all
		synctest.Wait()
		if err := endB(); err != nil {
			t.Fatal(err)
		}
		// The survivor learns the last words of the other with its next commit.
		a.Submit(Delivery{Command: scheduler.Reconfigure{Reason: "catch up"}})
		synctest.Wait()
		if err := endA(); err != nil {
			t.Fatal(err)
		}
		w.verify(a)
	})
}

// TestConsumed waits for inputs across a stop and a start: what is durable
// counts, and a stopped engine says so instead of waiting for ever.
func TestConsumed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2)
		w.approve(2)
		e, end := w.life()
		seq, err := e.Consumed(t.Context(), 2)
		if err != nil || seq == 0 || seq > e.Head().Seq {
			t.Fatalf("input 2 is in commit %d of %d: %v", seq, e.Head().Seq, err)
		}
		<-w.all
		synctest.Wait()
		waiting := make(chan error, 1)
		go func() {
			_, err := e.Consumed(t.Context(), 3)
			waiting <- err
		}()
		synctest.Wait()
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if err := <-waiting; err == nil {
			t.Error("waiting for an input outlived the engine")
		}
		next, end := w.life()
		if _, err := next.Consumed(t.Context(), 2); err != nil {
			t.Errorf("after a restart input 2 is not known to be decided: %v", err)
		}
		synctest.Wait()
		if err := end(); err != nil {
			t.Fatal(err)
		}
		w.verify(next)
	})
}

// TestDamagedInputIsPassedOver puts garbage between two inputs.
func TestDamagedInputIsPassedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2)
		w.approve(2)
		w.inputs.items = [][]byte{w.inputs.items[0], []byte("garbage"), w.inputs.items[1]}
		e, end := w.life()
		<-w.all
		synctest.Wait()
		if err := end(); err != nil {
			t.Fatal(err)
		}
		w.verify(e)
	})
}

// TestRecordThatDoesNotFitIsAnError starts on a log whose record the core can't
// fold: that tenant stops with a reason, the process goes on.
func TestRecordThatDoesNotFitIsAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		e := w.engine()
		body, _, err := e.cfg.Codec.EncodeEvents([]scheduler.Event{scheduler.TriggerHandled{ID: "nothing"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.log.Append(t.Context(), eventlog.Record{Tenant: tenant, Seq: 1, Body: body}); err != nil {
			t.Fatal(err)
		}
		if err := e.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "record 1") {
			t.Errorf("the engine ended with %v", err)
		}
	})
}
