package scheduler_test

import (
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
)

// TestCostOfAChangeDoesNotGrowWithTheGate counts items looked at instead of
// time, which a busy machine would spoil.
func TestCostOfAChangeDoesNotGrowWithTheGate(t *testing.T) {
	t.Parallel()
	perChange := func(n int) float64 {
		s := gate().S
		mergeAll(s, approvals(n))
		return float64(scheduler.Visits(s)) / float64(n)
	}
	small, large := perChange(20), perChange(1000)
	t.Logf("items looked at per change: %.1f in a gate of 20, %.1f in one of 1,000", small, large)
	if large > 2*small {
		t.Errorf("a change costs %.1f looks in a gate of 1,000, %.1f in one of 20", large, small)
	}
}
