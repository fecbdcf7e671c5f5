// Package schedtest drives the core with simulated sources, mergers and
// executors: text scenarios, random histories and benchmarks share it.
package schedtest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// World is one tenant with everything around it. It is not safe for
// concurrent use.
type World struct {
	S *scheduler.State
	// Events is the whole log; Commits holds where each commit ends in it, and
	// Times when it was made.
	Events  []scheduler.Event
	Commits []int
	Times   []time.Time
	// Now is the simulated time; every commit moves it on by a second.
	Now time.Time
	// Graph freezes the jobs of a ref on top of others; nil means no jobs.
	Graph func(p scheduler.PipelineName, base []scheduler.Ref, r scheduler.Ref) *scheduler.JobGraph
	// Hold keeps builds running until released; HoldExecutors keeps executors
	// from taking any.
	Hold, HoldExecutors bool
	// Slow are changes whose live items are not prepared.
	Slow map[int]bool
	// HoldLoading keeps configuration from being loaded, HoldLanding changes
	// from being merged.
	HoldLoading, HoldLanding bool
	// Layout answers reconfigurations; nil means the one in force.
	Layout *scheduler.Layout
	// Fail says how a job of an item ends; nil and "" mean success.
	Fail func(job scheduler.JobName, own scheduler.Ref, items []scheduler.Ref) scheduler.Result
	// Returns says what a build gives back, Pauses whether it waits for the
	// jobs that depend on it; nil means nothing and no.
	Returns func(scheduler.StartBuild) *scheduler.Returned
	Pauses  func(scheduler.StartBuild) bool
	// Conflict says whether a ref conflicts with a state.
	Conflict func(base []scheduler.Ref, r scheduler.Ref) bool
	// Refuses says whether the source merges a change that passed.
	Refuses func(r scheduler.Ref) bool
	// Configure, when it is set, says what the configuration makes of an item
	// instead of Graph and ConfigErrors.
	Configure func(e scheduler.PrepareItem, c *scheduler.PreparedItem)
	// ConfigErrors of a ref, if any.
	ConfigErrors func(r scheduler.Ref) []string

	Resources

	Changes map[scheduler.ChangeKey]*scheduler.Change
	Running []*Build
	History []*Build
	Reports []scheduler.Report
	// Tips are the branches as they are; Merged lists what landed, in order.
	Tips   map[string]string
	Merged []Landing
	// Broken lists landings that were not what was tested; there must be none.
	Broken []string

	// Sent are the commands so far; a history repeats some of them.
	Sent []scheduler.Command

	pending  []scheduler.Effect
	canceled map[scheduler.BuildID]bool
	seq      uint64
	seed     uint64
	// contents maps a speculative commit to the refs merged into it.
	contents map[string][]scheduler.Ref
	// graphs are the frozen jobs of each buildset.
	graphs map[scheduler.BuildsetID]*scheduler.JobGraph
}

// Build is one build as an executor sees it.
type Build struct {
	scheduler.StartBuild
	Result scheduler.Result
	// Returned is what it gave back. Paused says that it has paused once,
	// Resumed that it was let go on.
	Returned        *scheduler.Returned
	Paused, Resumed bool
	// Playbooks that asked for semaphores so far.
	Playbooks int
}

// Landing is one change that reached its branch.
type Landing struct {
	Ref    scheduler.Ref
	Commit string
}

// New returns a world with a layout in force.
func New(layout *scheduler.Layout, seed uint64) *World {
	w := &World{
		S:        scheduler.NewState("tenant"),
		Now:      time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Changes:  map[scheduler.ChangeKey]*scheduler.Change{},
		Tips:     map[string]string{},
		canceled: map[scheduler.BuildID]bool{},
		contents: map[string][]scheduler.Ref{},
		graphs:   map[scheduler.BuildsetID]*scheduler.JobGraph{},

		Resources: newResources(),

		seed: seed,
	}
	w.Do(scheduler.LoadedLayout{Layout: layout})
	return w
}

// Do commits a batch of commands and queues the effects.
func (w *World) Do(commands ...scheduler.Command) []scheduler.Event {
	w.seq++
	w.Sent = append(w.Sent, commands...)
	w.Now = w.Now.Add(time.Second)
	m := scheduler.Meta{Time: w.Now}
	binary.BigEndian.PutUint64(m.Entropy[:], w.seed)
	binary.BigEndian.PutUint64(m.Entropy[8:], w.seq)
	events := scheduler.Step(w.S, m, commands)
	w.Events = append(w.Events, events...)
	w.Commits = append(w.Commits, len(w.Events))
	w.Times = append(w.Times, w.Now)
	for _, e := range events {
		w.pending = append(w.pending, scheduler.Effects(w.S, e)...)
		if d, ok := e.(scheduler.ItemDequeued); ok {
			w.checkNeeds(d)
		}
	}
	return events
}

// checkNeeds looks whether an item that left for want of another change really
// wanted one that was not merged.
func (w *World) checkNeeds(e scheduler.ItemDequeued) {
	if !strings.HasPrefix(e.Reason, "This change depends on") {
		return
	}
	for _, r := range e.Refs {
		c := w.known(r.Key())
		if c.Topic != "" { // it may need any other change of its topic
			return
		}
		for _, n := range c.Needs {
			if c := w.Changes[n.Change]; c == nil || !c.Merged {
				return
			}
		}
	}
	w.Broken = append(w.Broken, fmt.Sprintf("%s left for want of changes that are merged", e.Refs[0]))
}

// known is what the tenant was last told about a change.
func (w *World) known(k scheduler.ChangeKey) scheduler.Change {
	for _, e := range slices.Backward(w.Events) {
		if u, ok := e.(scheduler.ChangeUpdated); ok && u.Change.Key() == k {
			return u.Change
		}
	}
	return scheduler.Change{}
}

// Pending returns the effects that nobody has performed.
func (w *World) Pending() int { return len(w.pending) }

// PerformOne performs the i-th pending effect.
func (w *World) PerformOne(i int) {
	e := w.pending[i]
	w.pending = slices.Delete(w.pending, i, i+1)
	switch e := e.(type) {
	case scheduler.LoadLayout:
		layout := w.Layout
		if layout == nil {
			layout = w.S.Layout
		}
		w.Do(scheduler.LoadedLayout{Request: e.Request, Layout: layout})
	case scheduler.PrepareItem:
		w.Do(w.prepare(e))
	case scheduler.StartBuild:
		w.start(e)
	case scheduler.CancelBuild:
		w.cancel(e.Build)
	case scheduler.ResumeBuild:
		w.resume(e.Build)
	case scheduler.FindArtifacts:
		w.Do(w.find(e))
	case scheduler.FindOpenChanges:
		w.Do(w.openChanges(e))
	case scheduler.Report:
		w.Do(w.report(e))
	default:
		w.performResource(e)
	}
}

// Settle performs effects until none is left. Builds end at once unless Hold.
func (w *World) Settle() {
	for range settleLimit {
		if i := w.nextEffect(); i >= 0 {
			w.PerformOne(i)
		} else if w.serve() {
			continue
		} else if b := w.nextFinish(); !w.Hold && b != nil {
			w.Finish(b)
		} else {
			return
		}
	}
	panic("schedtest: the world does not settle")
}

// settleLimit is far more than any test needs, and far less than fills memory.
const settleLimit = 1 << 20

// take lets executors take the builds that f means although they are held.
func (w *World) take(f func(scheduler.StartBuild) bool) {
	for i := 0; i < len(w.pending); {
		if e, ok := w.pending[i].(scheduler.StartBuild); ok && f(e) {
			w.PerformOne(i)
		} else {
			i++
		}
	}
}

// nextEffect is the first effect that may be performed now, or -1.
func (w *World) nextEffect() int {
	return slices.IndexFunc(w.pending, func(e scheduler.Effect) bool {
		switch e := e.(type) {
		case scheduler.PrepareItem:
			return !e.Live || !w.Slow[e.Refs[0].Number]
		case scheduler.StartBuild:
			return !w.HoldExecutors
		case scheduler.LoadLayout:
			return !w.HoldLoading
		case scheduler.Report:
			return !w.HoldLanding || !e.Submit
		}
		return true
	})
}

func (w *World) start(e scheduler.StartBuild) {
	if w.canceled[e.Build] {
		return
	}
	w.Running = append(w.Running, &Build{StartBuild: e})
	w.Do(scheduler.StartedBuild{Build: e.Build, Executor: "executor"})
}

func (w *World) cancel(id scheduler.BuildID) {
	w.canceled[id] = true
	for _, b := range w.Running {
		if b.Build == id {
			b.Result = scheduler.ResultAborted
			w.History = append(w.History, b)
		}
	}
	w.Running = slices.DeleteFunc(w.Running, func(b *Build) bool { return b.Build == id })
}

// Finish ends a running build as Fail says, or lets it pause.
func (w *World) Finish(b *Build) {
	result := scheduler.ResultSuccess
	if w.Fail != nil {
		if r := w.Fail(b.Job.Name, b.Refs[len(b.Refs)-1], b.Items); r != "" {
			result = r
		}
	}
	w.finish(b, result)
}

// ItemIDs renders the changes that a build saw, in merge order.
func (b *Build) ItemIDs() string {
	ids := make([]string, len(b.Items))
	for i, r := range b.Items {
		ids[i] = r.ID()
	}
	return strings.Join(ids, " ")
}

// Closure returns the facts that come with an event of a change.
func (w *World) Closure(k scheduler.ChangeKey) []scheduler.Change {
	seen := map[scheduler.ChangeKey]bool{}
	var out []scheduler.Change
	var walk func(scheduler.ChangeKey)
	walk = func(k scheduler.ChangeKey) {
		c := w.Changes[k]
		if c == nil || seen[k] {
			return
		}
		seen[k] = true
		out = append(out, *c)
		for _, n := range c.Needs {
			walk(n.Change)
		}
		for _, o := range w.sorted() {
			if o.Open && c.Topic != "" && o.Topic == c.Topic {
				walk(o.Key())
			}
			if o.Open && slices.ContainsFunc(o.Needs, func(n scheduler.Need) bool { return n.Change == k }) {
				walk(o.Key())
			}
		}
	}
	walk(k)
	return out
}

func (w *World) sorted() []*scheduler.Change {
	out := make([]*scheduler.Change, 0, len(w.Changes))
	for _, c := range w.Changes {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *scheduler.Change) int { return a.Number - b.Number })
	return out
}

// Trigger sends an event of a change.
func (w *World) Trigger(kind string, c *scheduler.Change, edit func(*scheduler.TriggerEvent)) {
	e := scheduler.TriggerEvent{
		ID: scheduler.EventID(fmt.Sprintf("event-%d", w.seq+1)), Connection: c.Connection, Type: kind, Ref: c.Ref,
		Changes: w.Closure(c.Key()), Time: w.Now,
		NewPatchset: kind == "patchset-created", Abandoned: kind == "change-abandoned",
	}
	if edit != nil {
		edit(&e)
	}
	w.Do(e)
}
