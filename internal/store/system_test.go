package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestSystemEvents(t *testing.T) {
	t.Parallel()
	s, err := store.Open(filepath.Join(t.TempDir(), "models.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	x := &script{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	x.add(scheduler.ReconfigureRequested{Request: 1, Reason: "started", Time: x.now},
		scheduler.PromoteReceived{Promote: scheduler.PromoteRefs{Pipeline: "gate", Refs: []scheduler.Ref{{Number: 2, Patchset: 1}}, Actor: "ann"}})
	x.add(scheduler.QueuesControlled{ResultPaused: true, Actor: "ann", Reason: "away", Time: x.now})
	x.add(scheduler.QueuesControlled{Actor: "bob", Time: x.now})
	x.add(scheduler.FailuresCounted{Pipeline: "check", Failures: 3, Disabled: true})
	if err := s.Apply(context.Background(), x.commits); err != nil {
		t.Fatal(err)
	}
	all, err := s.SystemEvents(t.Context(), tenant, "", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"check is disabled after 3 failures in a row", "bob let all queues go on", "ann paused results: away",
		"ann asked to promote 2,1 in gate", "The configuration is to be loaded again: started",
	}
	for i, e := range all {
		if i >= len(want) || e.Text != want[i] || e.Time.IsZero() {
			t.Errorf("event %d: got %+v", i, e)
		}
	}
	if len(all) != len(want) || all[3].Seq != 1 || all[3].Number != 1 {
		t.Errorf("got %+v", all)
	}
	some, err := s.SystemEvents(t.Context(), tenant, "state", 1, 1)
	if err != nil || len(some) != 1 || some[0].Text != want[2] {
		t.Errorf("got %+v, %v", some, err)
	}
}
