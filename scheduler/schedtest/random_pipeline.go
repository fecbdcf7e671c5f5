package schedtest

import (
	"fmt"
	"maps"

	"github.com/gozer-ci/gozer/scheduler"
)

// withMorePipelines adds a serial and a supercedent pipeline: one deploys
// changes, the other publishes branches.
func withMorePipelines(l *scheduler.Layout) {
	vote := []scheduler.Reporter{{Connection: "local", Votes: map[string]int{"Verified": 1}, Comment: true}}
	add := func(name scheduler.PipelineName, m scheduler.ManagerKind, event string) {
		l.Pipelines = append(l.Pipelines, scheduler.PipelineConfig{
			Name: name, Manager: m, Precedence: scheduler.PrecedenceLow, AllowOtherConnections: true, DequeueOnNewPatchset: true,
			Triggers:  []scheduler.EventFilter{{Connection: "local", Types: patterns(event)}},
			Reporters: map[scheduler.Action][]scheduler.Reporter{scheduler.ActionSuccess: vote, scheduler.ActionFailure: vote},
		})
		for _, p := range l.Projects {
			p.Pipelines[name] = true
		}
	}
	for name, p := range l.Projects {
		p.Pipelines = maps.Clone(p.Pipelines)
		l.Projects[name] = p
	}
	l.Pipeline("check").DisableAfter = 3
	l.Pipeline("check").Reporters[scheduler.ActionDisabled] = vote
	add("deploy", scheduler.Serial, "change-merged")
	add("publish", scheduler.Supercedent, "ref-updated")
}

// deploy tells that some change was merged, as a source does; that it may not
// be true is of no interest to a serial pipeline.
func (h *History) deploy() {
	if c := h.pick(); c != nil {
		h.W.Trigger("change-merged", c, nil)
	}
}

// publish tells that a branch moved.
func (h *History) publish() {
	c := h.pick()
	if c == nil {
		return
	}
	h.W.Trigger("ref-updated", c, func(e *scheduler.TriggerEvent) {
		e.Ref = scheduler.Ref{
			Connection: c.Connection, Project: c.Project, Name: c.Name, Branch: c.Branch,
			Ref: "refs/heads/" + c.Branch, NewRev: mergeHash("publish", fmt.Sprint(h.W.seq)),
		}
		e.BranchUpdated = true
	})
}

// promote asks for some of what may be in the gate, twice the same at times.
func (h *History) promote() {
	p := scheduler.PromoteRefs{ID: scheduler.EventID(fmt.Sprint("promote-", h.W.seq)), Pipeline: "gate", Actor: "operator"}
	if h.rng.IntN(4) == 0 {
		p.Pipeline = "check"
	}
	for _, q := range h.W.S.Pipeline(p.Pipeline).Queues {
		for _, it := range q.Items {
			if it.Live && h.rng.IntN(3) == 0 {
				p.Refs = append(p.Refs, it.Refs[h.rng.IntN(len(it.Refs))])
			}
		}
	}
	h.rng.Shuffle(len(p.Refs), func(i, j int) { p.Refs[i], p.Refs[j] = p.Refs[j], p.Refs[i] })
	h.W.Do(p)
}

// relayout loads a configuration that puts projects into other queues.
func (h *History) relayout() {
	l := *h.W.S.Layout
	l.Projects = maps.Clone(l.Projects)
	names := []scheduler.QueueName{"", "integrated", "other"}
	for _, name := range []string{"org/project", "org/project1", "org/project2"} { // a map has no order
		p := l.Projects[Canonical(name)]
		p.Queue = names[h.rng.IntN(len(names))]
		p.QueuePerBranch = h.rng.IntN(3) == 0
		l.Projects[Canonical(name)] = p
	}
	h.W.Layout = &l
	h.W.Do(scheduler.Reconfigure{Reason: "other queues"})
}
