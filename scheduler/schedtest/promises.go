package schedtest

import (
	"bytes"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// fault keeps the first broken promise.
func (h *History) fault(property, format string, args ...any) {
	if h.err == nil {
		h.err = fmt.Errorf("%s: %s", property, fmt.Sprintf(format, args...))
	}
}

// check holds what must be true after every commit. P9, that a command of one
// tenant changes nothing of another, needs no check: a State is one tenant's,
// and the core has no variable outside it.
func (h *History) check() {
	if v := scheduler.Check(h.W.S); len(v) > 0 {
		h.fault(v[0].Property, "%s", v[0].Detail)
	}
	h.inheritance()
	if len(h.W.Broken) > 0 {
		h.fault("P2 tested is merged, P13 needs", "%s", h.W.Broken[0])
	}
	if d := NaiveDifferences(h.W.S); len(d) > 0 {
		h.fault("P4 naive pass", "%s", d[0])
	}
}

// deepCheck holds what is too dear to look at after every commit.
func (h *History) deepCheck() {
	before, err := scheduler.Snapshot(h.W.S)
	if err != nil {
		h.fault("snapshot", "%v", err)
		return
	}
	h.pure(before)
	h.unanswered()
	h.idempotent()
	h.commutes(before)
}

// pure shows that Decide only reads.
func (h *History) pure(before []byte) {
	commands := []scheduler.Command{
		scheduler.Reconfigure{Reason: "test"}, scheduler.LostExecutor{Executor: "executor"},
		h.W.Sent[h.rng.IntN(len(h.W.Sent))],
	}
	for _, b := range h.W.Running {
		commands = append(commands, scheduler.CompletedBuild{Build: b.Build, Executor: "executor", Result: scheduler.ResultFailure})
	}
	for _, c := range commands {
		_, _ = scheduler.Decide(h.W.S, scheduler.Meta{Time: h.W.Now}, c) // a refusal is fine here
	}
	if after, _ := scheduler.Snapshot(h.W.S); !bytes.Equal(before, after) {
		h.fault("Decide reads", "deciding alone changed the state")
	}
}

// idempotent shows that settling what is settled does nothing, even when every
// item is looked at.
func (h *History) idempotent() {
	h.W.S.Wake()
	if events := h.W.Do(); len(events) > 0 {
		h.fault("settled", "settling again decided %d events, the first %T", len(events), events[0])
	}
}

// commutes shows that the results of two builds in different queues may come in
// either order. Identifiers differ then, so descriptions are compared; builds
// that wait for one semaphore may be chosen differently.
func (h *History) commutes(before []byte) {
	for i, a := range h.W.Running {
		for _, b := range h.W.Running[:i] {
			x, y := h.W.S.Item(a.Item), h.W.S.Item(b.Item)
			if x == nil || y == nil || x.Queue == y.Queue || related(a.Job) || related(b.Job) {
				continue
			}
			one, other := h.after(before, a, b), h.after(before, b, a)
			if one != other {
				h.fault("order of queues", "results of two queues do not commute\n%s\n%s", one, other)
			}
			return
		}
	}
}

// after describes a copy of the state after two failures.
func (h *History) after(state []byte, builds ...*Build) string {
	s, err := scheduler.Restore(state)
	if err != nil {
		h.fault("restore", "%v", err)
		return ""
	}
	var commands []scheduler.Command
	for _, b := range builds {
		commands = append(commands, scheduler.CompletedBuild{Build: b.Build, Executor: "executor", Result: scheduler.ResultFailure})
	}
	scheduler.Step(s, scheduler.Meta{Time: h.W.Now}, commands)
	return scheduler.Describe(s)
}

// drain lets everything end and checks that nothing is left (P10), that
// landings kept the order of their queues (P1), that windows did what merges
// and failures say (P4), and that the log folds to the live state (P11).
func (h *History) drain() {
	h.W.Hold = false
	h.resume()
	h.drainResources()
	h.W.Settle()
	h.check()
	if left := h.W.leftovers(); len(left) > 0 {
		h.fault("P10 drained", "%s", left[0])
	}
	for _, p := range h.W.S.Pipelines {
		for _, q := range p.Queues {
			if len(q.Items) > 0 {
				h.fault("P10 drained", "pipeline %s still holds %d items", p.Config.Name, len(q.Items))
			}
		}
	}
	h.order()
	h.windows()
	live, _ := scheduler.Snapshot(h.W.S)
	folded := scheduler.NewState("tenant")
	scheduler.Fold(folded, h.W.Events)
	if again, _ := scheduler.Snapshot(folded); !bytes.Equal(live, again) {
		h.fault("P11 fold", "folding the log gives another state")
	}
}

// order checks P1 with the queue positions that the log tells.
func (h *History) order() {
	queue, position := map[scheduler.ItemID]scheduler.QueueID{}, map[scheduler.ItemID]int{}
	last := map[scheduler.QueueID]int{}
	for i, e := range h.W.Events {
		switch e := e.(type) {
		case scheduler.ItemEnqueued:
			queue[e.Item], position[e.Item] = e.Queue, i
		case scheduler.ItemRequeued:
			queue[e.Item], position[e.Item] = e.Queue, i
		case scheduler.ReportCompleted:
			if e.Merged {
				q := queue[e.Item]
				if position[e.Item] < last[q] {
					h.fault("P1 order", "item %s merged after one behind it", e.Item)
				}
				last[q] = position[e.Item]
			}
		}
	}
}

// windows computes every window of the gate from what left its queues and
// compares it with what the log says (P4).
func (h *History) windows() {
	queue := map[scheduler.ItemID]scheduler.QueueID{}
	said, want := map[scheduler.QueueID]int{}, map[scheduler.QueueID]int{}
	c := h.W.S.Layout.Pipeline("gate").Window
	for _, e := range h.W.Events {
		switch e := e.(type) {
		case scheduler.QueueCreated:
			said[e.Queue], want[e.Queue] = e.Window, e.Window
		case scheduler.ItemEnqueued:
			queue[e.Item] = e.Queue
		case scheduler.ItemRequeued: // a new queue goes on with the window of the old
			queue[e.Item], want[e.Queue] = e.Queue, said[e.Queue]
		case scheduler.WindowResized:
			said[e.Queue] = e.Size
		case scheduler.ItemDequeued:
			q := queue[e.Item]
			switch {
			case want[q] == 0 || e.Pipeline != "gate" || e.Result == scheduler.ResultDequeued || e.Result == scheduler.ResultMergeFailure:
			case e.Result == scheduler.ResultSuccess:
				if want[q] += c.IncreaseFactor; c.Ceiling > 0 {
					want[q] = min(want[q], c.Ceiling)
				}
			case c.DecreaseExponential:
				want[q] = max(c.Floor, want[q]/c.DecreaseFactor)
			default:
				want[q] = max(c.Floor, want[q]-c.DecreaseFactor)
			}
			if said[q] != want[q] {
				h.fault("P4 window", "after %s left with %s the window is %d, not %d", e.Refs[0], e.Result, said[q], want[q])
			}
		}
	}
}
