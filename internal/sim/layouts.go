package sim

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// layoutVariants is how many forms a configuration takes in turn: every merged
// change of configuration moves on to the next. What a run's configuration has
// at all is in the higher part of the number.
const layoutVariants = 8

// brokenLayout says which variants can't be used.
func brokenLayout(v int) bool { return v%layoutVariants == 5 }

// traits are the parts of a configuration that a variant has or lacks.
type traits struct {
	hold, semaphores, narrow, more, failFast, chatty bool
	cycles, topics, pauses, provides, children       bool
	disable, nodes, global                           bool
	// form is what changes with each change of configuration.
	form int
}

func traitsOf(v int) traits {
	bit := func(i int) bool { return v/layoutVariants>>i&1 == 1 }
	return traits{
		hold: bit(0), semaphores: bit(1), narrow: bit(2), more: bit(3), failFast: bit(4), chatty: bit(5),
		cycles: bit(1) != bit(3), topics: bit(0) && bit(3),
		pauses: bit(6), provides: bit(7), children: bit(8), nodes: bit(9), global: bit(10), disable: bit(2) && bit(5), form: v % layoutVariants,
	}
}

// layoutOf is the configuration of a tenant in one variant.
func layoutOf(t *tenant, v int) *scheduler.Layout {
	x := traitsOf(v)
	l := &scheduler.Layout{
		Hash: scheduler.Hash(fmt.Sprintf("layout-%s-%d", t.name, v)), Projects: map[scheduler.ProjectName]scheduler.ProjectConfig{},
		WebRoot: "http://gozer.example/t/" + string(t.name) + "/", Semaphores: map[scheduler.SemaphoreName]int{"database": 1},
	}
	if x.global {
		l.GlobalSemaphores = map[scheduler.SemaphoreName]int{"global": 1}
	}
	if x.form == 4 {
		l.Semaphores["database"] = 2
	}
	l.Pipelines = append(l.Pipelines, checkPipeline(), gatePipeline(x))
	if x.form != 1 {
		l.Pipelines = append(l.Pipelines, follower("post", scheduler.Independent, "ref-updated"))
	}
	if x.more {
		l.Pipelines = append(l.Pipelines,
			follower("deploy", scheduler.Serial, "change-merged"), follower("publish", scheduler.Supercedent, "ref-updated"))
	}
	for _, name := range projects {
		if x.form == 3 && name == "org/two" {
			continue // the project leaves the tenant
		}
		p := scheduler.ProjectConfig{
			Name: name, Connection: connection, Pipelines: map[scheduler.PipelineName]bool{},
			AllowCircularDependencies: x.cycles, DependenciesByTopic: x.topics,
		}
		if name != "org/alone" || x.form == 6 {
			p.Queue = "integrated"
		}
		for i := range l.Pipelines {
			p.Pipelines[l.Pipelines[i].Name] = true
		}
		l.Projects[t.forge.canonical(name)] = p
	}
	return l
}

func votes(n int) []scheduler.Reporter {
	return []scheduler.Reporter{{Connection: connection, Votes: map[string]int{"Verified": n}, Comment: true}}
}

func on(event string) []scheduler.EventFilter {
	p, err := scheduler.NewPattern(event+"$", false)
	if err != nil {
		panic(err)
	}
	return []scheduler.EventFilter{{Connection: connection, Types: []scheduler.Pattern{p}}}
}

func checkPipeline() scheduler.PipelineConfig {
	return scheduler.PipelineConfig{
		Name: "check", Manager: scheduler.Independent, Precedence: scheduler.PrecedenceLow, Triggers: on("patchset-created"),
		AllowOtherConnections: true, DequeueOnNewPatchset: true,
		Reporters: map[scheduler.Action][]scheduler.Reporter{
			scheduler.ActionSuccess: votes(1), scheduler.ActionFailure: votes(-1),
		},
	}
}

func gatePipeline(x traits) scheduler.PipelineConfig {
	submit := votes(2)
	submit[0].Submit = true
	p := scheduler.PipelineConfig{
		Name: "gate", Manager: scheduler.Dependent, Precedence: scheduler.PrecedenceHigh, Triggers: on("comment-added"),
		AllowOtherConnections: true, DequeueOnNewPatchset: true, Supercedes: []scheduler.PipelineName{"check"},
		Window: scheduler.WindowConfig{Size: 20, Floor: 3, IncreaseFactor: 1, DecreaseExponential: true, DecreaseFactor: 2},
		Reporters: map[scheduler.Action][]scheduler.Reporter{
			scheduler.ActionStart: votes(0), scheduler.ActionSuccess: submit, scheduler.ActionFailure: votes(-2),
		},
	}
	p.Triggers[0].Approvals = []scheduler.LabelVote{{Label: "Workflow", Values: []int{1}}}
	if x.narrow || x.form == 2 {
		p.Window = scheduler.WindowConfig{Size: 2, Floor: 1, Ceiling: 3, IncreaseFactor: 1, DecreaseFactor: 1}
	}
	if x.form == 7 {
		p.Supercedes = nil
	}
	if x.disable {
		p.DisableAfter = 2
		p.Reporters[scheduler.ActionDisabled] = votes(0)
	}
	if x.chatty {
		p.Reporters[scheduler.ActionEnqueue] = votes(0)
		p.Reporters[scheduler.ActionDequeue] = votes(0)
		p.Reporters[scheduler.ActionMergeConflict] = append(votes(-1), votes(-2)...)
	}
	return p
}

// follower is a pipeline of what happens after a merge.
func follower(name scheduler.PipelineName, m scheduler.ManagerKind, event string) scheduler.PipelineConfig {
	return scheduler.PipelineConfig{
		Name: name, Manager: m, Precedence: scheduler.PrecedenceNormal, Triggers: on(event), AllowOtherConnections: true,
		Reporters: map[scheduler.Action][]scheduler.Reporter{
			scheduler.ActionSuccess: votes(0), scheduler.ActionFailure: votes(0),
		},
	}
}

// graphOf freezes the jobs of an item: each ref has its own.
func graphOf(v int, pipeline scheduler.PipelineName, refs []scheduler.Ref) *scheduler.JobGraph {
	x := traitsOf(v)
	g := &scheduler.JobGraph{FailFast: x.failFast, Hash: scheduler.Hash(fmt.Sprintf("graph-%d-%s", v/layoutVariants, pipeline))}
	for i, r := range refs {
		g.Hash += scheduler.Hash(fmt.Sprintf("-%s-%t", r.Name, lacksNodes(r)))
		for _, j := range jobsOf(x, pipeline, r) {
			j.Ref = i
			for k := range j.Dependencies {
				j.Dependencies[k].Ref = i
			}
			g.Jobs = append(g.Jobs, j)
		}
	}
	return g
}

// lacksNodes says for which changes a job finds no nodes at all.
func lacksNodes(r scheduler.Ref) bool { return r.Number%9 == 2 }

func jobsOf(x traits, pipeline scheduler.PipelineName, r scheduler.Ref) []scheduler.FrozenJob {
	job := func(name scheduler.JobName, behind ...scheduler.JobName) scheduler.FrozenJob {
		j := scheduler.FrozenJob{Name: name, Voting: true, Attempts: 3}
		for _, b := range behind {
			j.Dependencies = append(j.Dependencies, scheduler.JobDependency{Name: b})
		}
		return j
	}
	if pipeline != "gate" && pipeline != "check" {
		return []scheduler.FrozenJob{job("publish")}
	}
	list := []scheduler.FrozenJob{job("build"), job("unit", "build"), job("database", "build"), job("style")}
	list[0].HoldFollowing = x.hold
	list[3].Voting = false
	list[2].Dependencies[0].Soft = true
	if x.provides {
		list[0].Provides = []string{"images"}
		list[1].Requires = []string{"docs", "images"}
	}
	if x.semaphores {
		list[2].Semaphores = []scheduler.SemaphoreName{"database"}
	}
	if x.global {
		list[1].Semaphores = []scheduler.SemaphoreName{"global"}
	}
	if x.nodes {
		large := scheduler.Nodeset{Nodes: []scheduler.Node{{Name: "one", Label: "large"}}}
		missing := scheduler.Nodeset{Nodes: []scheduler.Node{{Name: "one", Label: "missing"}}}
		list[0].Nodeset = large
		list[1].Nodeset, list[1].Alternatives = missing, []scheduler.Nodeset{large}
		if lacksNodes(r) {
			list[3].Nodeset = missing // of a job that does not vote
		}
	}
	if r.Name != "org/alone" {
		list = append(list, job("integration", "build", "unit"))
	}
	if pipeline == "check" {
		list = append(slices.Delete(list, 2, 3), job("noop"))
	}
	return list
}

// outcome says how a build ends: mostly a property of job and changes, so that
// what passed once passes again, and now and then bad luck.
func (t *tenant) outcome(f scheduler.StartBuild) scheduler.Result {
	luck := t.s.rng.IntN(100)
	switch {
	case t.s.calm:
	case luck < 2:
		return "" // the executor asks for a retry
	case luck < 3:
		return scheduler.ResultTimedOut
	case luck < 4:
		return scheduler.ResultPostFailure
	}
	if t.doomed(f) {
		return scheduler.ResultFailure
	}
	return scheduler.ResultSuccess
}

// doomed says which builds fail whenever they run.
func (t *tenant) doomed(f scheduler.StartBuild) bool {
	own := f.Refs[len(f.Refs)-1].Number
	for _, r := range f.Items {
		switch {
		case f.Job.Name == "unit" && r.Number%6 == 5, f.Job.Name == "style" && r.Number%4 == 1:
			return true
		case f.Job.Name == "integration" && r.IsChange() && (r.Number+own)%11 == 9:
			return true
		}
	}
	return false
}
