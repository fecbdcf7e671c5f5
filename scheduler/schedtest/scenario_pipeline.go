package schedtest

import (
	"fmt"
	"maps"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// pipelineVerbs are about pipelines beside those of the standard layout.
var pipelineVerbs = map[string]verbFunc{
	"add-pipeline": (*Scenario).addPipeline,
	"lands":        func(s *Scenario, a []string) error { return s.each(a, s.land) },
}

// addPipeline gives all projects a pipeline: name, manager, the types of events
// that trigger it, then settings as for "pipeline".
//
//	add-pipeline deploy serial change-merged
func (s *Scenario) addPipeline(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("want a name, a manager and types of events")
	}
	vote := func(n int) []scheduler.Reporter {
		return []scheduler.Reporter{{Connection: "local", Votes: map[string]int{"Verified": n}, Comment: true}}
	}
	p := scheduler.PipelineConfig{
		Name: scheduler.PipelineName(args[0]), Manager: scheduler.ManagerKind(args[1]), Precedence: scheduler.PrecedenceNormal,
		Triggers:              []scheduler.EventFilter{{Connection: "local", Types: patterns(strings.Split(args[2], ",")...)}},
		AllowOtherConnections: true, DequeueOnNewPatchset: true,
		Reporters: map[scheduler.Action][]scheduler.Reporter{scheduler.ActionSuccess: vote(1), scheduler.ActionFailure: vote(-1)},
	}
	if p.Manager == scheduler.Dependent {
		p.Window = s.layout.Pipeline("gate").Window
	}
	l := *s.layout
	l.Pipelines = append(l.Pipelines[:len(l.Pipelines):len(l.Pipelines)], p)
	l.Projects = maps.Clone(l.Projects)
	for name, project := range l.Projects {
		project.Pipelines = maps.Clone(project.Pipelines)
		project.Pipelines[p.Name] = true
		l.Projects[name] = project
	}
	s.layout = &l
	if len(args) == 3 {
		return nil
	}
	return s.pipeline(append([]string{args[0]}, args[3:]...))
}

// land lets the source merge a change by itself, and tell of it twice as
// Gerrit does: the change was merged, the branch was updated.
func (s *Scenario) land(c *scheduler.Change) {
	w := s.world()
	key := branchKey(c.Ref)
	old := w.Tips[key]
	w.Tips[key] = mergeHash(old, c.ID())
	s.landings[w.Tips[key]] = s.names[c.Number]
	c.Merged, c.Open = true, false
	w.Trigger("change-merged", c, nil)
	w.Trigger("ref-updated", c, func(e *scheduler.TriggerEvent) {
		e.Ref = scheduler.Ref{
			Connection: c.Connection, Project: c.Project, Name: c.Name, Branch: c.Branch,
			Ref: "refs/heads/" + c.Branch, OldRev: old, NewRev: w.Tips[key],
		}
		e.BranchUpdated = true
	})
}
