package engine

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// TestTickWhenSomethingExpires shows that the core is told the time when it
// asked for that, and never before.
func TestTickWhenSomethingExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		now := time.Now().UTC()
		filter, err := scheduler.NewPattern(".*", false)
		if err != nil {
			t.Fatal(err)
		}
		w.record(scheduler.AutoholdRequested{Autohold: "0000000000", Project: "p", Job: "j", Filter: filter, MaxCount: 1, NodeExpiration: time.Hour},
			scheduler.BuildHeld{Autohold: "0000000000", Build: "b", Job: "j", Until: now.Add(time.Hour), Exhausted: true, Time: now})
		e := w.engine()
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- e.Run(ctx) }()
		for _, step := range []struct {
			wait    time.Duration
			commits uint64
		}{{59 * time.Minute, 0}, {2 * time.Minute, 1}, {23 * time.Hour, 0}, {time.Hour, 1}, {1000 * time.Hour, 0}} {
			synctest.Wait()
			before := e.Head().Seq
			<-time.After(step.wait)
			synctest.Wait()
			if got := e.Head().Seq - before; got != step.commits {
				t.Errorf("%d commits in %s, want %d", got, step.wait, step.commits)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// record writes events into the empty log.
func (w *world) record(events ...scheduler.Event) {
	w.t.Helper()
	body, blobs, err := wire.EncodeEvents(events)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.log.Append(context.Background(), eventlog.Record{Tenant: tenant, Seq: 1, Time: time.Now().UTC(), Body: body, Blobs: blobs}); err != nil {
		w.t.Fatal(err)
	}
}
