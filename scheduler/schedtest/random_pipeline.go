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
