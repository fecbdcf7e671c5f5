package schedtest_test

import (
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

func newWorld(t *testing.T) *schedtest.World {
	t.Helper()
	w := schedtest.New(schedtest.Standard(), 1)
	w.Graph = schedtest.StandardJobs
	t.Cleanup(func() {
		for _, v := range scheduler.Check(w.S) {
			t.Errorf("broken promise: %s", v)
		}
		if t.Failed() {
			t.Log("\n" + scheduler.Describe(w.S))
		}
	})
	return w
}

func TestGateOfThreeWithFailingHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Fail = func(j scheduler.JobName, own scheduler.Ref, items []scheduler.Ref) scheduler.Result {
		for _, r := range items {
			if r.Number == 1 && j == "project-test1" {
				return scheduler.ResultFailure
			}
		}
		return ""
	}
	for n := 1; n <= 3; n++ {
		w.Gate(w.NewChange(n, "org/project"))
	}
	w.Settle()
	if len(w.Merged) != 2 || w.Merged[0].Ref.Number != 2 || w.Merged[1].Ref.Number != 3 {
		t.Fatalf("merged %v, want 2 and 3", w.Merged)
	}
	for _, b := range w.History {
		t.Log(b.Job.Name, b.ItemIDs(), b.Result)
	}
}
