package scheduler_test

import "testing"

// TestCostOfAnEventDoesNotGrowWithTheGate counts items looked at instead of
// time, which a busy machine would spoil.
func TestCostOfAnEventDoesNotGrowWithTheGate(t *testing.T) {
	t.Parallel()
	perEvent := func(n int) float64 {
		l := load{changes: n, projects: 1}
		r := l.play(l.commands())
		if r.merged != n || r.depth != n {
			t.Fatalf("%d of %d changes merged out of a queue of %d", r.merged, n, r.depth)
		}
		return float64(r.visits) / float64(r.events)
	}
	small, large := perEvent(20), perEvent(5000)
	t.Logf("items looked at per event: %.1f in a gate of 20, %.1f in one of 5,000", small, large)
	if large > 2*small {
		t.Errorf("an event costs %.1f looks in a gate of 5,000, %.1f in one of 20", large, small)
	}
}

// TestCostOfAResetFollowsTheItemsReset lets every head fail: what is looked at
// must follow what is reset, not the queue.
func TestCostOfAResetFollowsTheItemsReset(t *testing.T) {
	t.Parallel()
	perReset := func(n int) float64 {
		l := load{changes: n, projects: 1, fails: func(int) bool { return true }}
		r := l.play(l.commands())
		if r.failed != n || r.reset < n/2 {
			t.Fatalf("%d of %d changes failed with %d resets", r.failed, n, r.reset)
		}
		return float64(r.visits) / float64(r.reset)
	}
	small, large := perReset(40), perReset(4000)
	t.Logf("items looked at per reset: %.1f in a gate of 40, %.1f in one of 4,000", small, large)
	if large > 2*small {
		t.Errorf("a reset costs %.1f looks in a gate of 4,000, %.1f in one of 40", large, small)
	}
}
