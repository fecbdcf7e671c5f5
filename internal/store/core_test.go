package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// told is what the events of a history say must be in the read models.
type told struct {
	builds  map[scheduler.BuildID]scheduler.Result
	sets    map[scheduler.BuildsetID]scheduler.Result
	itemEnd map[scheduler.ItemID]scheduler.Result
	live    map[scheduler.ItemID]bool
}

func tell(events []scheduler.Event) told {
	w := told{builds: map[scheduler.BuildID]scheduler.Result{}, sets: map[scheduler.BuildsetID]scheduler.Result{},
		itemEnd: map[scheduler.ItemID]scheduler.Result{}, live: map[scheduler.ItemID]bool{}}
	for _, e := range events {
		var canceled []scheduler.BuildID
		switch e := e.(type) {
		case scheduler.ItemEnqueued:
			w.live[e.Item] = e.Live
		case scheduler.ItemPrepared:
			if w.live[e.Item] && e.Graph != nil && len(e.Graph.Jobs) > 0 {
				w.sets[e.Buildset] = ""
			}
		case scheduler.BuildRequested:
			w.builds[e.Build] = ""
		case scheduler.BuildCompleted:
			w.builds[e.Build] = e.Result
		case scheduler.JobSkipped:
			w.builds[e.Build] = scheduler.ResultSkipped
		case scheduler.BuildsetReset:
			canceled = e.Canceled
			if _, ok := w.sets[e.Buildset]; ok {
				w.sets[e.Buildset] = scheduler.ResultDequeued
			}
		case scheduler.BuildsCanceled:
			canceled = e.Canceled
		case scheduler.JobsReset:
			for _, id := range e.Builds {
				if w.builds[id] == "" {
					canceled = append(canceled, id)
				}
			}
		case scheduler.ItemDequeued:
			canceled = e.Canceled
			w.itemEnd[e.Item] = e.Result
			if _, ok := w.sets[e.Buildset]; ok {
				w.sets[e.Buildset] = e.Result
			}
		}
		for _, id := range canceled {
			w.builds[id] = scheduler.ResultCanceled
		}
	}
	return w
}

// The core's own histories leave exactly the rows that their events tell of.
func TestRowsOfRealHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		h, err := schedtest.RunHistory(seed, 250, true)
		if err != nil {
			t.Fatal(err)
		}
		s := fresh(t)
		apply(t, s, commitsOf(h.W)...)
		if err := s.Check(context.Background(), tenant); err != nil {
			t.Fatal(err)
		}
		want := tell(h.W.Events)
		for _, b := range allBuilds(t, s) {
			if got := want.builds[b.UUID]; b.Result != got {
				t.Errorf("seed %d: build %s of %s has result %q, want %q", seed, b.UUID, b.Job, b.Result, got)
			}
			delete(want.builds, b.UUID)
		}
		if len(want.builds) > 0 {
			t.Errorf("seed %d: %d builds have no row", seed, len(want.builds))
		}
		checkSets(t, s, seed, want)
		for id, result := range want.itemEnd {
			i, err := s.Item(context.Background(), tenant, id)
			if !want.live[id] {
				continue
			}
			if err != nil || i.Result != result || i.DequeuedAt.IsZero() {
				t.Errorf("seed %d: item %s ended as %q, want %q: %v", seed, id, i.Result, result, err)
			}
		}
	}
}

func checkSets(t *testing.T, s *store.Store, seed uint64, want told) {
	t.Helper()
	for _, b := range allBuildsets(t, s) {
		got, ok := want.sets[b.UUID]
		if ok && b.Result != got {
			t.Errorf("seed %d: buildset %s has result %q, want %q", seed, b.UUID, b.Result, got)
		}
		if b.Result == "" || b.Result == scheduler.ResultNoJobs {
			t.Errorf("seed %d: buildset %s of a drained history has result %q", seed, b.UUID, b.Result)
		}
		delete(want.sets, b.UUID)
	}
	if len(want.sets) > 0 {
		t.Errorf("seed %d: %d buildsets have no row", seed, len(want.sets))
	}
}

func commitsOf(w *schedtest.World) []store.Commit {
	var out []store.Commit
	from := 0
	for _, to := range w.Commits {
		seq := uint64(len(out) + 1)
		out = append(out, store.Commit{Tenant: tenant, Seq: seq, Hash: hashOf(seq),
			Time: epoch.Add(time.Duration(seq) * time.Second), Events: w.Events[from:to]})
		from = to
	}
	return out
}
