package schedtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// History is a random run of a world, fully determined by its seed.
type History struct {
	W    *World
	rng  *rand.Rand
	next int // change numbers given
	sent []scheduler.Command
	err  error
}

// RunHistory plays steps random moves, lets everything end, and returns the
// first broken promise. Faults adds lost executors, repeated and late answers,
// restarts, branches that move, and withdrawn approvals.
func RunHistory(seed uint64, steps int, faults bool) (*History, error) {
	h := &History{W: New(Standard(), seed), rng: rand.New(rand.NewPCG(seed, 1))}
	h.W.Graph = func(_ scheduler.PipelineName, _ []scheduler.Ref, r scheduler.Ref) *scheduler.JobGraph {
		return standardJobs(r.Name != "org/project", seed%4 == 0)
	}
	h.W.Hold = true
	h.W.Fail = h.fail
	h.W.Conflict = func(base []scheduler.Ref, r scheduler.Ref) bool {
		return slices.ContainsFunc(base, func(b scheduler.Ref) bool { return (b.Number*7+r.Number)%29 == 0 })
	}
	for range h.rng.IntN(7) {
		h.newGated()
	}
	moves := h.moves(faults)
	for range steps {
		moves[h.rng.IntN(len(moves))]()
		if h.check(); h.err != nil {
			return h, h.err
		}
	}
	h.drain()
	return h, h.err
}

// fail is a fixed property of job and state, so that what passed once passes
// again: some changes fail alone, some pairs only together.
func (h *History) fail(job scheduler.JobName, own scheduler.Ref, items []scheduler.Ref) scheduler.Result {
	if h.rng.IntN(40) == 0 {
		return scheduler.ResultTimedOut
	}
	for _, r := range items {
		if r.Number%6 == 0 && job == "project-test1" {
			return scheduler.ResultFailure
		}
		if r.Number+own.Number == 9 && job == "project-test2" {
			return scheduler.ResultFailure
		}
	}
	return ""
}

func (h *History) moves(faults bool) []func() {
	m := []func(){
		h.newGated, h.newGated, h.newChange, h.gate, h.gate, h.patchset, h.abandon,
	}
	// Between two moves of people many of machines: gates get deep.
	for range 12 {
		m = append(m, h.perform, h.finish)
	}
	if faults {
		m = append(m, h.lose, h.repeat, h.restart, h.push, h.withdraw, h.dequeue, h.reconfigure, h.retry)
	}
	return m
}

func (h *History) open() []*scheduler.Change {
	return slices.DeleteFunc(h.W.sorted(), func(c *scheduler.Change) bool { return !c.Open })
}

func (h *History) pick() *scheduler.Change {
	if open := h.open(); len(open) > 0 {
		return open[h.rng.IntN(len(open))]
	}
	return nil
}

func (h *History) change() *scheduler.Change {
	h.next++
	projects := []string{"org/project", "org/project1", "org/project2"}
	needs := h.pick()
	c := h.W.NewChange(h.next, projects[h.rng.IntN(3)])
	if needs != nil && h.rng.IntN(4) == 0 {
		c.Needs = []scheduler.Need{{Change: needs.Key()}}
	}
	return c
}

func (h *History) newChange() { h.W.Trigger("patchset-created", h.change(), nil) }

// newGated makes a change that skips check, so that most work is the gate's.
func (h *History) newGated() { h.W.Gate(h.change()) }

func (h *History) gate() {
	if c := h.pick(); c != nil {
		h.W.Gate(c)
	}
}

func (h *History) patchset() {
	if c := h.pick(); c != nil {
		h.W.NewPatchset(c)
		h.W.Trigger("patchset-created", c, nil)
	}
}

func (h *History) abandon() {
	if c := h.pick(); c != nil && h.rng.IntN(3) == 0 {
		c.Open = false
		h.W.Trigger("change-abandoned", c, nil)
	}
}

func (h *History) perform() {
	if n := h.W.Pending(); n > 0 {
		h.W.PerformOne(h.rng.IntN(n))
	}
}

func (h *History) finish() {
	if n := len(h.W.Running); n > 0 {
		b := h.W.Running[h.rng.IntN(n)]
		h.W.Finish(b)
		h.sent = append(h.sent, scheduler.CompletedBuild{Build: b.Build, Executor: "executor", Result: scheduler.ResultFailure})
	}
}

func (h *History) lose() {
	h.W.Running = nil
	h.W.Do(scheduler.LostExecutor{Executor: "executor"})
}

// repeat sends an old answer again: it must be ignored, whatever it says.
func (h *History) repeat() {
	if len(h.sent) == 0 {
		return
	}
	before, _ := scheduler.Snapshot(h.W.S)
	h.W.Do(h.sent[h.rng.IntN(len(h.sent))])
	if after, _ := scheduler.Snapshot(h.W.S); !bytes.Equal(before, after) {
		h.fault("P6 late answer", "a repeated answer changed the state")
	}
}

// restart forgets everything but a snapshot, as a killed server does.
func (h *History) restart() {
	before, err := scheduler.Snapshot(h.W.S)
	if err != nil {
		h.fault("snapshot", "%v", err)
		return
	}
	s, err := scheduler.Restore(before)
	if err != nil {
		h.fault("restore", "%v", err)
		return
	}
	if after, _ := scheduler.Snapshot(s); !bytes.Equal(before, after) {
		h.fault("P11 snapshot", "restoring changed the state")
	}
	h.W.S = s
	if events := h.W.Do(); len(events) > 0 {
		h.fault("settled", "a restart alone decided %d events, the first %T", len(events), events[0])
	}
	h.W.pending = scheduler.OpenEffects(s)
	h.lose()
}

// push moves a branch past the gate.
func (h *History) push() {
	if c := h.pick(); c != nil && h.rng.IntN(4) == 0 {
		key := branchKey(c.Ref)
		h.W.Tips[key] = mergeHash(h.W.Tips[key], "push")
	}
}

func (h *History) withdraw() {
	if c := h.pick(); c != nil {
		h.W.Unapprove(c)
		h.W.Trigger("comment-added", c, nil)
	}
}

func (h *History) dequeue() {
	if c := h.pick(); c != nil {
		h.W.Do(scheduler.DequeueRef{ID: scheduler.EventID(fmt.Sprint("dequeue-", h.W.seq)), Pipeline: "gate", Ref: c.Ref, Actor: "operator"})
	}
}

func (h *History) reconfigure() { h.W.Do(scheduler.Reconfigure{Reason: "random"}) }

func (h *History) retry() {
	if n := len(h.W.Running); n > 0 {
		b := h.W.Running[h.rng.IntN(n)]
		h.W.Running = slices.DeleteFunc(h.W.Running, func(x *Build) bool { return x == b })
		h.W.Do(scheduler.CompletedBuild{Build: b.Build, Executor: "executor"})
	}
}

func (h *History) fault(property, format string, args ...any) {
	if h.err == nil {
		h.err = fmt.Errorf("%s: %s", property, fmt.Sprintf(format, args...))
	}
}

func (h *History) check() {
	if v := scheduler.Check(h.W.S); len(v) > 0 {
		h.fault(v[0].Property, "%s", v[0].Detail)
	}
	if len(h.W.Broken) > 0 {
		h.fault("P2 tested is merged, P13 needs", "%s", h.W.Broken[0])
	}
}

// drain lets everything end and checks that nothing is left (P10), that
// landings kept the order of their queues (P1), and that the log folds to the
// live state (P11).
func (h *History) drain() {
	h.W.Hold = false
	h.W.Settle()
	h.check()
	for _, p := range h.W.S.Pipelines {
		for _, q := range p.Queues {
			if len(q.Items) > 0 {
				h.fault("P10 drained", "pipeline %s still holds %d items", p.Config.Name, len(q.Items))
			}
		}
	}
	h.order()
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
