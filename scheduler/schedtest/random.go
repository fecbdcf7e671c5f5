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
	err  error
}

// RunHistory plays steps random moves, lets everything end, and returns the
// first broken promise. Faults adds lost executors, repeated and late answers,
// restarts, branches that move, and withdrawn approvals.
func RunHistory(seed uint64, steps int, faults bool) (*History, error) {
	h := &History{W: New(randomLayout(seed), seed), rng: rand.New(rand.NewPCG(seed, 1))}
	h.W.Graph = func(_ scheduler.PipelineName, _ []scheduler.Ref, r scheduler.Ref) *scheduler.JobGraph {
		g := standardJobs(r.Name != "org/project", seed%4 == 0)
		if seed%3 == 0 {
			g.Hash += "database"
			g.Jobs[2].Semaphores = []scheduler.SemaphoreName{"database"}
		}
		withResources(g, seed, r.Number)
		return g
	}
	h.lively(seed)
	h.W.Hold = true
	h.W.Fail = h.fail
	h.W.ConfigErrors = func(r scheduler.Ref) []string {
		if r.IsChange() && r.Number%13 == 0 {
			return []string{"no such job"}
		}
		return nil
	}
	h.W.Conflict = func(base []scheduler.Ref, r scheduler.Ref) bool {
		return slices.ContainsFunc(base, func(b scheduler.Ref) bool { return (b.Number*7+r.Number)%29 == 0 })
	}
	for range h.rng.IntN(7) {
		h.newGated()
	}
	moves := h.moves(faults)
	for step := range steps {
		moves[h.rng.IntN(len(moves))]()
		h.check()
		if step%40 == 39 {
			h.deepCheck()
		}
		if h.err != nil {
			return h, h.err
		}
	}
	h.drain()
	return h, h.err
}

// randomLayout lets every fifth history have a narrow window.
func randomLayout(seed uint64) *scheduler.Layout {
	l := Standard()
	resourceLayout(l, seed)
	if seed%5 == 0 {
		l.Pipeline("gate").Window = scheduler.WindowConfig{Size: 2, Floor: 1, Ceiling: 3, IncreaseFactor: 1, DecreaseFactor: 1}
	}
	withMorePipelines(l)
	if seed%13 == 0 {
		l.MaxDependencies = 2
	}
	if seed%23 == 0 {
		l.MaxChanges = 6
	}
	if seed%4 == 1 {
		internalTriggers(l)
	}
	for name, p := range l.Projects {
		p.AllowCircularDependencies = seed%2 == 0
		p.DependenciesByTopic = seed%8 == 0
		l.Projects[name] = p
	}
	return l
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
		h.deploy, h.publish,
	}
	if h.W.S.Layout.Projects[Canonical("org/project")].AllowCircularDependencies {
		m = append(m, h.edit)
	}
	// Between two moves of people many of machines: gates get deep.
	for range 12 {
		m = append(m, h.perform, h.finish)
	}
	m = append(m, h.resourceMoves(faults)...)
	if faults {
		m = append(m, h.lose, h.repeat, h.restart, h.push, h.withdraw, h.dequeue, h.promote, h.reconfigure, h.retry, h.announce)
		if h.rng.IntN(3) == 0 { // these slow down what else there is to see
			m = append(m, h.control, h.resume, h.relayout)
		}
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
	if h.rng.IntN(6) == 0 {
		c.Topic = []string{"red", "blue"}[h.rng.IntN(2)]
	}
	switch {
	case needs == nil:
	case h.rng.IntN(12) == 0: // a cycle, as long as both queues are one
		c.Needs = []scheduler.Need{{Change: needs.Key()}}
		needs.Needs = append(slices.Clone(needs.Needs), scheduler.Need{Change: c.Key()})
	case h.rng.IntN(4) == 0:
		c.Needs = []scheduler.Need{{Change: needs.Key()}}
	case needs.Project == c.Project && h.rng.IntN(2) == 0:
		c.Needs = []scheduler.Need{{Change: needs.Key(), Patchset: needs.Patchset, Parent: true}}
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

// edit takes a dependency of a change back, or gives it one.
func (h *History) edit() {
	c, n := h.pick(), h.pick()
	if c == nil || c == n {
		return
	}
	if len(c.Needs) > 0 {
		c.Needs = c.Needs[1:]
	} else {
		c.Needs = []scheduler.Need{{Change: n.Key()}}
	}
	h.W.Trigger("change-message-modified", c, nil)
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

// finish ends a build. Whatever comes of it, no item ahead is touched (P5).
func (h *History) finish() {
	if n := len(h.W.Running); n > 0 {
		b := h.W.Running[h.rng.IntN(n)]
		ahead := h.ahead(b.Item)
		h.W.Finish(b)
		for id, buildset := range ahead {
			if it := h.W.S.Item(id); it != nil && (it.Buildset == nil || it.Buildset.ID != buildset) {
				h.fault("P5 items ahead", "a result of %s restarted %s ahead of it", b.Item, id)
			}
		}
	}
}

// ahead lists the items in front of one with what they are tested by.
func (h *History) ahead(id scheduler.ItemID) map[scheduler.ItemID]scheduler.BuildsetID {
	out := map[scheduler.ItemID]scheduler.BuildsetID{}
	it := h.W.S.Item(id)
	if it == nil {
		return out
	}
	for _, x := range it.Queue.Items {
		if x == it {
			break
		}
		if x.Buildset != nil {
			out[x.ID] = x.Buildset.ID
		}
	}
	return out
}

func (h *History) lose() {
	h.W.Running = nil
	h.W.Do(scheduler.LostExecutor{Executor: "executor"})
}

// repeat sends an old command again: the answers of workers come late and
// sources tell twice, and nothing may follow (P6, P12).
func (h *History) repeat() {
	c := h.W.Sent[h.rng.IntN(len(h.W.Sent))]
	switch c.(type) {
	case scheduler.LostExecutor, scheduler.Reconfigure, scheduler.LoadedLayout, scheduler.Tick:
		return // these are wishes, and count each time
	}
	before, _ := scheduler.Snapshot(h.W.S)
	h.W.Do(c)
	if after, _ := scheduler.Snapshot(h.W.S); !bytes.Equal(before, after) {
		h.fault("P6 P12 repeated command", "a repeated %T changed the state", c)
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
	h.W.restartResources()
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
