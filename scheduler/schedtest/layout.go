package schedtest

import (
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// Standard returns a layout like the one that Zuul's own scheduler tests use:
// gate dependent, check and post independent, org/project alone, and
// org/project1 and org/project2 sharing a queue.
func Standard() *scheduler.Layout {
	vote := func(n int) []scheduler.Reporter {
		return []scheduler.Reporter{{Connection: "local", Votes: map[string]int{"Verified": n}, Comment: true}}
	}
	submit := vote(2)
	submit[0].Submit = true
	gate := scheduler.PipelineConfig{
		Name: "gate", Manager: scheduler.Dependent, Precedence: scheduler.PrecedenceHigh,
		Triggers:              []scheduler.EventFilter{{Connection: "local", Types: patterns("comment-added"), Approvals: []scheduler.LabelVote{{Label: "Workflow", Values: []int{1}}}}},
		AllowOtherConnections: true, DequeueOnNewPatchset: true,
		Window: scheduler.WindowConfig{Size: 20, Floor: 3, IncreaseFactor: 1, DecreaseExponential: true, DecreaseFactor: 2},
		Reporters: map[scheduler.Action][]scheduler.Reporter{
			scheduler.ActionStart: vote(0), scheduler.ActionSuccess: submit, scheduler.ActionFailure: vote(-2),
		},
	}
	check := scheduler.PipelineConfig{
		Name: "check", Manager: scheduler.Independent, Precedence: scheduler.PrecedenceLow,
		Triggers:              []scheduler.EventFilter{{Connection: "local", Types: patterns("patchset-created")}},
		AllowOtherConnections: true, DequeueOnNewPatchset: true,
		Reporters: map[scheduler.Action][]scheduler.Reporter{
			scheduler.ActionSuccess: vote(1), scheduler.ActionFailure: vote(-1),
		},
	}
	post := scheduler.PipelineConfig{
		Name: "post", Manager: scheduler.Independent, Precedence: scheduler.PrecedenceNormal,
		Triggers:              []scheduler.EventFilter{{Connection: "local", Types: patterns("ref-updated")}},
		AllowOtherConnections: true,
	}
	l := &scheduler.Layout{
		Hash: "standard", Pipelines: []scheduler.PipelineConfig{check, gate, post},
		Projects: map[scheduler.ProjectName]scheduler.ProjectConfig{}, WebRoot: "http://gozer.example/t/tenant/",
	}
	for name, queue := range map[string]scheduler.QueueName{"org/project": "", "org/project1": "integrated", "org/project2": "integrated"} {
		l.Projects[Canonical(name)] = scheduler.ProjectConfig{
			Name: name, Connection: "local", Queue: queue,
			Pipelines: map[scheduler.PipelineName]bool{"gate": true, "check": true, "post": true},
		}
	}
	return l
}

// Canonical returns a project's canonical name.
func Canonical(name string) scheduler.ProjectName { return scheduler.ProjectName("local/" + name) }

func patterns(texts ...string) []scheduler.Pattern {
	out := make([]scheduler.Pattern, len(texts))
	for i, s := range texts {
		p, err := scheduler.NewPattern(s+"$", false)
		if err != nil {
			panic(err)
		}
		out[i] = p
	}
	return out
}

// StandardJobs is project-merge, which holds what follows, with two tests behind
// it, and the integration job for the projects that share a queue.
func StandardJobs(_ scheduler.PipelineName, _ []scheduler.Ref, r scheduler.Ref) *scheduler.JobGraph {
	return standardJobs(r.Name != "org/project", true)
}

func standardJobs(integrated, hold bool) *scheduler.JobGraph {
	behind := []scheduler.JobDependency{{Name: "project-merge"}}
	job := func(name scheduler.JobName, deps []scheduler.JobDependency) scheduler.FrozenJob {
		return scheduler.FrozenJob{Name: name, Voting: true, Attempts: 3, Dependencies: deps}
	}
	g := &scheduler.JobGraph{Jobs: []scheduler.FrozenJob{
		job("project-merge", nil), job("project-test1", behind), job("project-test2", behind),
	}}
	g.Jobs[0].HoldFollowing = hold
	if integrated {
		g.Jobs = append(g.Jobs, job("project1-project2-integration", behind))
	}
	g.Hash = scheduler.Hash(fmt.Sprint("standard", len(g.Jobs), hold))
	return g
}

// NewChange makes an open change without votes.
func (w *World) NewChange(number int, project string) *scheduler.Change {
	c := &scheduler.Change{
		Ref: scheduler.Ref{
			Connection: "local", Project: Canonical(project), Name: project, Branch: "master",
			Ref: fmt.Sprintf("refs/changes/%02d/%d/1", number%100, number), Number: number, Patchset: 1,
			URL: fmt.Sprintf("http://gozer.example/change/%d", number), Owner: "user",
		},
		Open: true, MissingLabels: []string{"Workflow", "Verified"}, Subject: fmt.Sprintf("change %d", number),
	}
	w.Changes[c.Key()] = c
	return c
}

// NewPatchset replaces the patchset of a change, which loses its votes.
func (w *World) NewPatchset(c *scheduler.Change) {
	c.Patchset++
	c.Ref.Ref = fmt.Sprintf("refs/changes/%02d/%d/%d", c.Number%100, c.Number, c.Patchset)
	w.Unapprove(c)
}

// Unapprove takes the votes of a change back without telling anybody.
func (w *World) Unapprove(c *scheduler.Change) {
	c.Votes, c.MissingLabels = nil, []string{"Workflow", "Verified"}
}

// Approve votes for a change without telling anybody.
func (w *World) Approve(c *scheduler.Change) {
	c.Votes = append(c.Votes, scheduler.Vote{Label: "Workflow", Value: 1, Username: "user"})
	c.MissingLabels = []string{"Verified"}
}

// Gate approves a change and sends the event.
func (w *World) Gate(c *scheduler.Change) {
	w.Approve(c)
	w.Trigger("comment-added", c, func(e *scheduler.TriggerEvent) {
		e.Votes = []scheduler.Vote{{Label: "Workflow", Value: 1, Username: "user"}}
	})
}
