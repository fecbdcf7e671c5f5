package schedtest_test

import (
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
)

// TestTwoExecutorsWhileResultsWait gives one build to two executors, as a lease
// that ends early does, while an operator has stopped the results. The first
// word that waits is that of the one, the first result that of the other.
func TestTwoExecutorsWhileResultsWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Hold, w.HoldExecutors = true, true
	w.Gate(w.NewChange(1, "org/project"))
	w.Settle()
	b := w.S.Pipeline("gate").Queues[0].Items[0].Buildset.Jobs[0].Build
	yes, no := true, false
	w.Do(scheduler.ControlQueues{ID: "stop", ResultPaused: &yes})
	w.Do(scheduler.StartedBuild{Build: b.ID, Executor: "one"})
	w.Do(scheduler.CompletedBuild{Build: b.ID, Executor: "other", Result: scheduler.ResultSuccess})
	w.Do(scheduler.CompletedBuild{Build: b.ID, Executor: "one", Result: scheduler.ResultSuccess})
	w.Do(scheduler.ControlQueues{ID: "resume", ResultPaused: &no})
	if b := w.S.Build(b.ID); b == nil || b.Result != scheduler.ResultSuccess || b.Executor != "one" {
		t.Errorf("the build is %+v, and nobody will end it", b)
	}
}
