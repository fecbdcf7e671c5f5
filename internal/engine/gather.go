package engine

import (
	"context"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// longestMoment bounds how long a batch waits for answers under way.
const longestMoment = time.Millisecond

// soon reports whether an effect, and whether a command, belong to the
// questions that are mostly answered within a moment.
func soon(f scheduler.Effect) bool {
	switch f.(type) {
	case scheduler.PrepareItem, scheduler.Report:
		return true
	}
	return false
}

func soonAnswer(c scheduler.Command) bool {
	switch c.(type) {
	case scheduler.PreparedItem, scheduler.CompletedReport:
		return true
	}
	return false
}

// ask hands an effect on and remembers that an answer is under way.
func (e *Engine) ask(f scheduler.Effect) {
	if soon(f) {
		e.mu.Lock()
		e.underWay++
		e.mu.Unlock()
	}
	e.cfg.Perform(f)
}

// gather lets a batch wait for answers that are under way, a part of the time
// that making it durable takes. In a busy queue one item is prepared while
// another is reported: without this each answer would get a sync of its own,
// and both would take twice as long. Nothing waits when nothing is under way.
func (e *Engine) gather(ctx context.Context) {
	if e.moment <= 0 || !e.awaited() {
		return
	}
	timer := time.NewTimer(e.moment)
	defer timer.Stop()
	for e.awaited() {
		select {
		case <-e.wake:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (e *Engine) awaited() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.underWay > 0
}
