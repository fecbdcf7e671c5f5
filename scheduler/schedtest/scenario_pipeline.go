package schedtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// pipelineVerbs are about pipelines beside those of the standard layout.
var pipelineVerbs = map[string]verbFunc{
	"add-pipeline": (*Scenario).addPipeline,
	"lands":        func(s *Scenario, a []string) error { return s.each(a, s.land) },
	"reporter":     (*Scenario).reporter,
	"message":      (*Scenario).text,
	"footer":       (*Scenario).footer,
	"promote":      (*Scenario).promote,
	"times":        (*Scenario).showTimes,
	"set-project":  (*Scenario).setProject,
	"manager": func(s *Scenario, a []string) error {
		return s.editPipeline(a[0], func(p *scheduler.PipelineConfig) { p.Manager = scheduler.ManagerKind(a[1]) })
	},
}

// pipelineExpect state what is known of a pipeline, and who was told:
//
//	expect failures check 3      expect disabled check true
//	expect told mail G 1
var pipelineExpect = map[string]verbFunc{
	"failures": func(s *Scenario, a []string) error {
		return same(strconv.Itoa(s.w.S.Pipeline(scheduler.PipelineName(a[0])).Failures), a[1])
	},
	"disabled": func(s *Scenario, a []string) error {
		return same(strconv.FormatBool(s.w.S.Pipeline(scheduler.PipelineName(a[0])).Disabled), a[1])
	},
	"told": (*Scenario).expectTold,
}

// expectTold counts the reports about a change that went to a connection.
func (s *Scenario) expectTold(args []string) error {
	c, err := s.change(args[1])
	if err != nil {
		return err
	}
	n := 0
	for _, r := range s.reportsOf(c) {
		if slices.ContainsFunc(r.Reporters, func(x scheduler.Reporter) bool { return string(x.Connection) == args[0] }) {
			n++
		}
	}
	return same(strconv.Itoa(n), args[2])
}

// reporter lets a phase of a pipeline be told to a connection too.
//
//	reporter gate dequeue local
func (s *Scenario) reporter(args []string) error {
	return s.editPipeline(args[0], func(p *scheduler.PipelineConfig) {
		a := scheduler.Action(args[1])
		p.Reporters = maps.Clone(p.Reporters)
		p.Reporters[a] = append(slices.Clone(p.Reporters[a]), scheduler.Reporter{Connection: scheduler.ConnectionName(args[2]), Comment: true})
	})
}

// text sets the message of a phase; footer what ends all messages.
func (s *Scenario) text(args []string) error {
	return s.editPipeline(args[0], func(p *scheduler.PipelineConfig) {
		p.Messages = maps.Clone(p.Messages)
		if p.Messages == nil {
			p.Messages = map[scheduler.Action]string{}
		}
		p.Messages[scheduler.Action(args[1])] = strings.Join(args[2:], " ")
	})
}

func (s *Scenario) footer(args []string) error {
	return s.editPipeline(args[0], func(p *scheduler.PipelineConfig) { p.Footer = strings.Join(args[1:], " ") })
}

// promote asks for an order, as an operator does.
//
//	promote gate B C
func (s *Scenario) promote(args []string) error {
	p := scheduler.PromoteRefs{
		ID: scheduler.EventID(fmt.Sprint("command-", s.w.seq)), Pipeline: scheduler.PipelineName(args[0]), Actor: "operator",
	}
	err := s.each(args[1:], func(c *scheduler.Change) {
		p.Refs = append(p.Refs, scheduler.Ref{Number: c.Number, Patchset: c.Patchset})
	})
	if err == nil {
		s.w.Do(p)
	}
	return err
}

// showTimes prints the items of a pipeline in the order in which they were
// enqueued first.
func (s *Scenario) showTimes(args []string) error {
	var items []*scheduler.Item
	for _, q := range s.w.S.Pipeline(scheduler.PipelineName(args[0])).Queues {
		items = append(items, q.Items...)
	}
	slices.SortStableFunc(items, func(a, b *scheduler.Item) int { return a.EnqueuedAt.Compare(b.EnqueuedAt) })
	var names []string
	for _, it := range items {
		names = append(names, s.items(it.Refs))
	}
	s.out = "since long to since short: " + strings.Join(names, " ") + "\n"
	return nil
}

// editPipeline changes a pipeline of a copy of the layout.
func (s *Scenario) editPipeline(name string, edit func(*scheduler.PipelineConfig)) error {
	l := *s.layout
	l.Pipelines = slices.Clone(l.Pipelines)
	s.layout = &l
	p := l.Pipeline(scheduler.PipelineName(name))
	if p == nil {
		return fmt.Errorf("no pipeline %q", name)
	}
	edit(p)
	return nil
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
		_, e.ConfigChanged = s.adds[c.Number]
	})
}

// setProject changes what the layout says of a project: its queue ("-" for
// none), whether the queue is for each branch, or that it left the tenant or a
// pipeline.
//
//	set-project org/project queue=integrated per-branch
//	set-project org/project without=gate
//	set-project org/project removed
func (s *Scenario) setProject(args []string) error {
	l := *s.layout
	l.Projects = maps.Clone(l.Projects)
	name := Canonical(args[0])
	p, ok := l.Projects[name]
	if !ok {
		return fmt.Errorf("no such project")
	}
	for _, a := range args[1:] {
		key, value, _ := strings.Cut(a, "=")
		switch key {
		case "queue":
			p.Queue = scheduler.QueueName(strings.Trim(value, "-"))
		case "per-branch":
			p.QueuePerBranch = true
		case "without":
			p.Pipelines = maps.Clone(p.Pipelines)
			delete(p.Pipelines, scheduler.PipelineName(value))
		case "removed":
			delete(l.Projects, name)
			s.layout = &l
			return nil
		default:
			return fmt.Errorf("unknown setting %q", key)
		}
	}
	l.Projects[name] = p
	s.layout = &l
	return nil
}
