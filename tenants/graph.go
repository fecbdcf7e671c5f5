package tenants

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// pipelineConfig is what all stanzas of a project say about a pipeline for a
// ref.
type pipelineConfig struct {
	found    bool
	jobs     jobList
	vars     Vars
	failFast Attr[bool]
}

func (c *pipelineConfig) add(p *ProjectPipeline) {
	c.found = true
	for _, job := range p.Jobs {
		for _, j := range job.Variants {
			c.jobs.add(j)
		}
	}
	if !c.failFast.Set {
		c.failFast = p.FailFast
	}
}

// pipelineConfig walks the project's stanzas in load order, the templates of
// each before its own words.
func (l *Layout) pipelineConfig(pipeline scheduler.PipelineName, ref scheduler.Ref) (c pipelineConfig) {
	for _, s := range l.projects[ref.Project] {
		if !s.Branches.Match(ref) {
			continue
		}
		for _, name := range s.Templates {
			for _, t := range l.templates[name] {
				p := t.Pipeline(pipeline)
				if p == nil || !t.Branches.Match(ref) {
					continue
				}
				c.add(p)
				c.vars = t.Vars.over(c.vars)
			}
		}
		c.vars = s.Vars.over(c.vars)
		if p := s.Pipeline(pipeline); p != nil {
			c.add(p)
		}
	}
	return c
}

// keepNeeded drops the jobs whose files did not change, but for those that a
// job that runs depends on.
func keepNeeded(all []*candidate) []*candidate {
	byName := map[scheduler.JobName]*candidate{}
	for _, c := range all {
		byName[c.frozen.Name] = c
	}
	var need func(c *candidate)
	need = func(c *candidate) {
		for _, dep := range c.frozen.Dependencies {
			if parent := byName[dep.Name]; parent != nil && !dep.Soft && !parent.run {
				parent.run = true
				need(parent)
			}
		}
	}
	for _, c := range all {
		if c.run {
			need(c)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(c *candidate) bool { return !c.run })
}

// resolve raises what forbids a job, and checks the dependencies. Soft ones
// on jobs that do not run are left out.
func (f *freezer) resolve(jobs []*candidate) ([]*candidate, error) {
	runs := make(map[scheduler.JobName]bool, len(jobs))
	for _, c := range jobs {
		if c.problem != nil {
			return nil, c.problem
		}
		runs[c.frozen.Name] = true
	}
	for _, c := range jobs {
		var deps []scheduler.JobDependency
		for _, dep := range c.frozen.Dependencies {
			switch {
			case runs[dep.Name]:
				deps = append(deps, dep)
			case !dep.Soft:
				return nil, fmt.Errorf("Job %s depends on %s which was not run.", c.frozen.Name, dep.Name)
			case len(f.Layout.jobs[dep.Name]) == 0:
				return nil, fmt.Errorf("Job %s depends on %s which is not defined.", c.frozen.Name, dep.Name)
			}
		}
		c.frozen.Dependencies = deps
	}
	return jobs, findCycle(jobs)
}

// findCycle returns an error that names a job that depends on itself.
func findCycle(jobs []*candidate) error {
	const open, done = 1, 2
	state, byName := map[scheduler.JobName]int{}, map[scheduler.JobName]*candidate{}
	for _, c := range jobs {
		byName[c.frozen.Name] = c
	}
	var visit func(c *candidate) error
	visit = func(c *candidate) error {
		state[c.frozen.Name] = open
		for _, dep := range c.frozen.Dependencies {
			switch state[dep.Name] {
			case open:
				return fmt.Errorf("Dependency cycle detected: job %s depends on %s, which depends on it", c.frozen.Name, dep.Name)
			case 0:
				if err := visit(byName[dep.Name]); err != nil {
					return err
				}
			}
		}
		state[c.frozen.Name] = done
		return nil
	}
	for _, c := range jobs {
		if state[c.frozen.Name] == 0 {
			if err := visit(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// freezeJob is a job as the scheduler and the executor know it.
func (l *Layout) freezeJob(a *applied) scheduler.FrozenJob {
	f := scheduler.FrozenJob{
		Name: a.Name, Voting: a.Voting.Or(true), HoldFollowing: a.HoldFollowing.Value, Dependencies: a.Dependencies.Value,
		Attempts: a.Attempts.Or(defaultAttempts), Timeout: a.Timeout.Value, PostTimeout: a.PostTimeout.Value,
		RequiredProjects: a.RequiredProjects.Value, OverrideCheckout: a.OverrideCheckout.Value,
		Description: a.Description.Value, SuccessMessage: a.SuccessMessage.Value, FailureMessage: a.FailureMessage.Value,
		PreRun: frozenPlaybooks(a.PreRun.Value), Run: frozenPlaybooks(a.Run.Value),
		PostRun: frozenPlaybooks(slices.Concat(a.PostRun.Value, a.CleanupRun.Value)),
		Source:  l.jobs[a.Name][0].Source.String(),
	}
	for _, s := range a.Semaphores.Value {
		f.Semaphores = append(f.Semaphores, s.Name)
	}
	if vars := a.ExtraVars.Value.over(a.Vars.Value); !vars.IsZero() {
		f.Vars = vars.JSON()
	}
	if a.Nodeset.Set {
		if sets, _, _ := l.flatten(a.Nodeset.Value); len(sets) > 0 {
			f.Nodeset = sets[0].frozen()
		}
	}
	return f
}

func frozenPlaybooks(books []Playbook) []scheduler.Playbook {
	var out []scheduler.Playbook
	for _, p := range books {
		out = append(out, scheduler.Playbook{
			Project: p.Source.Project, Branch: p.Source.Branch, Path: p.Path,
			Trusted: p.Source.Trusted, Level: p.level, Cleanup: p.Cleanup,
		})
	}
	return out
}
