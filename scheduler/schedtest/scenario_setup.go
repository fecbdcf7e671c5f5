package schedtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// setupVerbs describe the tenant: its layout and jobs.
var setupVerbs = map[string]verbFunc{
	"pipeline":  (*Scenario).pipeline,
	"job":       (*Scenario).job,
	"semaphore": (*Scenario).semaphore,
	"no-jobs":   func(s *Scenario, _ []string) error { s.noJobs = true; return nil },
	"adds-job":  (*Scenario).addsJob,
	// reconfigure loads what the setup verbs changed since.
	"reconfigure": func(s *Scenario, _ []string) error {
		w := s.world()
		s.loadRepos()
		layout := *s.layout
		w.Layout = &layout
		w.Do(scheduler.Reconfigure{Reason: "the configuration changed"})
		return nil
	},
}

// jobLine is a job that a scenario asks for.
type jobLine struct {
	job      scheduler.FrozenJob
	projects []string
	failFast bool
}

func (s *Scenario) job(args []string) error {
	j, err := parseJob(args)
	if err == nil {
		s.jobs = append(s.jobs, j)
	}
	return err
}

// addsJob lets a change define and attach a job.
func (s *Scenario) addsJob(args []string) error {
	c, err := s.change(args[0])
	if err != nil {
		return err
	}
	j, err := parseJob(args[1:])
	j.projects = append(j.projects, c.Name)
	s.adds[c.Number] = j
	return err
}

func parseJob(args []string) (jobLine, error) {
	j := jobLine{job: scheduler.FrozenJob{Name: scheduler.JobName(args[0]), Voting: true, Attempts: 3}}
	for _, a := range args[1:] {
		key, value, _ := strings.Cut(a, "=")
		names := strings.Split(value, ",")
		switch key {
		case "after", "soft":
			for _, n := range names {
				j.job.Dependencies = append(j.job.Dependencies, scheduler.JobDependency{Name: scheduler.JobName(n), Soft: key == "soft"})
			}
		case "non-voting":
			j.job.Voting = false
		case "holds-following":
			j.job.HoldFollowing = true
		case "fail-fast":
			j.failFast = true
		case "attempts":
			j.job.Attempts, _ = strconv.Atoi(value)
		case "provides":
			j.job.Provides = names
		case "requires":
			j.job.Requires = names
		case "projects":
			j.projects = names
		default:
			if !resourceAttribute(&j.job, key, value) {
				return j, fmt.Errorf("unknown job attribute %q", key)
			}
		}
	}
	return j, nil
}

// graph freezes the jobs that the scenario asks for: those of the standard
// layout unless it lists its own, and those that a change in the state or a
// loaded configuration adds.
func (s *Scenario) graph(p scheduler.PipelineName, base []scheduler.Ref, r scheduler.Ref) *scheduler.JobGraph {
	g := &scheduler.JobGraph{}
	switch {
	case p == "post" || s.noJobs:
		return nil
	case len(s.jobs) == 0:
		g = StandardJobs(p, base, r)
	}
	lines := slices.Clone(s.jobs)
	in := append(append([]scheduler.Ref{}, base...), r)
	for _, l := range s.w.Merged {
		in = append(in, l.Ref)
	}
	for _, x := range in {
		if j, ok := s.adds[x.Number]; ok {
			lines = append(lines, j)
		}
	}
	for _, j := range lines {
		if (len(j.projects) == 0 || slices.Contains(j.projects, r.Name)) && g.Job(j.job.Name) == nil {
			g.Jobs = append(g.Jobs, j.job)
			g.FailFast = g.FailFast || j.failFast
		}
	}
	g.Hash = scheduler.Hash(fmt.Sprintf("%v", g.Jobs))
	return g
}

func (s *Scenario) semaphore(args []string) error {
	n, err := strconv.Atoi(args[1])
	if s.layout.Semaphores == nil {
		s.layout.Semaphores = map[scheduler.SemaphoreName]int{}
	}
	s.layout.Semaphores[scheduler.SemaphoreName(args[0])] = n
	return err
}

// pipeline changes settings of a pipeline of the standard layout; one that
// runs already sees them after reconfigure.
func (s *Scenario) pipeline(args []string) error {
	l := *s.layout
	l.Pipelines = slices.Clone(l.Pipelines)
	s.layout = &l
	p := l.Pipeline(scheduler.PipelineName(args[0]))
	if p == nil {
		return fmt.Errorf("no pipeline %q", args[0])
	}
	for _, a := range args[1:] {
		key, value, _ := strings.Cut(a, "=")
		if key == "removed" {
			l.Pipelines = slices.DeleteFunc(l.Pipelines, func(x scheduler.PipelineConfig) bool { return x.Name == p.Name })
			return nil
		}
		if err := setPipeline(p, key, value); err != nil {
			return err
		}
	}
	return nil
}

func setPipeline(p *scheduler.PipelineConfig, key, value string) error {
	number, _ := strconv.Atoi(value)
	switch key {
	case "window":
		p.Window.Size = number
	case "floor":
		p.Window.Floor = number
	case "ceiling":
		p.Window.Ceiling = number
	case "decrease-by":
		p.Window.DecreaseExponential, p.Window.DecreaseFactor = false, number
	case "increase-times":
		p.Window.IncreaseExponential, p.Window.IncreaseFactor = true, number
	case "dequeue-on-new-patchset":
		p.DequeueOnNewPatchset = value == "true"
	case "precedence":
		p.Precedence = scheduler.Precedence(number)
	case "disable-after":
		p.DisableAfter = number
	case "allow-other-connections":
		p.AllowOtherConnections = value == "true"
	case "supercedes":
		p.Supercedes = append(p.Supercedes, scheduler.PipelineName(value))
	case "require-open":
		open := value == "true"
		p.Require = append(p.Require, scheduler.RefFilter{Connection: "local", Open: &open})
	case "require-vote", "reject-vote":
		label, v, _ := strings.Cut(value, ":")
		n, _ := strconv.Atoi(v)
		f := scheduler.RefFilter{Connection: "local", Approvals: []scheduler.LabelVote{{Label: label, Values: []int{n}}}}
		if key == "require-vote" {
			p.Require = append(p.Require, f)
		} else {
			p.Reject = append(p.Reject, f)
		}
	default:
		return fmt.Errorf("unknown pipeline setting %q", key)
	}
	return nil
}
