package engine

import (
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// longestTimer bounds how long a timer runs, so that a clock that is set
// forward is noticed.
const longestTimer = time.Minute

// due is when the core wants to be told the time: never while nothing in the
// tenant can expire. stop must be called.
func (e *Engine) due() (due <-chan time.Time, stop func()) {
	next := scheduler.NextTick(e.state)
	if next.IsZero() {
		return nil, func() {}
	}
	timer := time.NewTimer(min(max(next.Sub(e.cfg.Now()), 0), longestTimer))
	return timer.C, func() { timer.Stop() }
}
