package tenants

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// candidate is a job that may run for a ref.
type candidate struct {
	job    *applied
	frozen scheduler.FrozenJob
	// run is false while the job's file matchers speak against it.
	run bool
	// problem is why the job must not run; it counts only if it would.
	problem error
	same    string // what work returns, once it was asked
}

func (c *candidate) detail() FrozenDetail {
	d := FrozenDetail{Job: c.job.Job}
	for _, j := range c.job.from {
		d.Inheritance = append(d.Inheritance, fmt.Sprintf("<Job %s branches: %s source: %s>", j.Name, matcherText(j.Branches), j.Source))
	}
	return d
}

func matcherText(m BranchMatcher) string {
	if m.IsZero() {
		return "None"
	}
	return fmt.Sprintf("%v", m.Names())
}

// candidate applies a job's definitions and the project's variants. It
// returns nil when none of either concerns the i-th ref.
func (f *freezer) candidate(job ProjectJob, i int, vars Vars) (*candidate, error) {
	ref := f.refs[i]
	f.trace.add(0, "Job %s for %s", job.Name, ref.Ref)
	a, variants, err := f.applyAll(job, ref.Ref, vars, f.trace)
	if a == nil || err != nil {
		return nil, err
	}
	c := &candidate{job: a, run: true, frozen: f.freezeJob(a)}
	c.frozen.Ref = i
	if ref.FilesKnown {
		c.run = fileMatcher{a.Files.Value, a.IrrelevantFiles.Value}.match(ref.Files)
	}
	f.trace.add(1, "the files %s", matched(c.run))
	if !c.run && a.ConfigUpdates.Or(true) {
		if c.run = f.changed(c); c.run {
			f.trace.add(1, "the definition changed, so it runs all the same")
		}
	}
	c.problem = f.forbids(a, variants, ref.Ref)
	return c, nil
}

// applyAll returns the job with everything applied, and the project's variants
// that were.
func (l *Layout) applyAll(job ProjectJob, ref scheduler.Ref, vars Vars, t *trace) (*applied, []*Job, error) {
	var variants []*Job
	for _, j := range job.Variants {
		matches := j.Branches.Match(ref)
		t.add(1, "the project's variant at %s %s", j.Source, matched(matches))
		if matches {
			variants = append(variants, j)
		}
	}
	definitions, ok := l.collect(job.Name, ref, variants, t)
	if !ok || len(definitions) == 0 {
		t.add(1, "no definition matched, so it does not run")
		return nil, nil, nil
	}
	a, err := fold(job.Name, definitions)
	if err != nil {
		return nil, nil, err
	}
	if !vars.IsZero() {
		a.Vars = some(a.Vars.Value.over(vars))
	}
	for _, j := range variants {
		if err := a.apply(j); err != nil {
			return nil, nil, err
		}
	}
	if len(variants) == 0 {
		return nil, nil, nil
	}
	return a, variants, nil
}

// changed reports whether the layout ahead has no such job, or makes something
// else of it. Where the configuration ahead makes no job graph it cannot tell,
// and the job's file matchers decide.
func (f *freezer) changed(c *candidate) bool {
	if f.ahead == nil || f.ahead == f.Layout || f.ahead.hash == f.hash {
		return false
	}
	if !f.beforeMade {
		f.before, f.beforeMade = f.jobsAhead(), true
	}
	if f.before == nil {
		return false
	}
	old, ok := f.before[c.frozen.Key()]
	return !ok || old != c.job.digest(f.Layout)
}

// jobsAhead are the digests of the item's jobs in the layout ahead, as if all
// files had changed.
func (f *freezer) jobsAhead() map[scheduler.JobKey]string {
	p := f.ahead.Pipeline(f.pipeline.Name)
	if p == nil {
		return nil
	}
	old := freezer{Layout: f.ahead, pipeline: p}
	for _, r := range f.refs {
		r.FilesKnown = false
		old.refs = append(old.refs, r)
	}
	if old.collectAll(&Frozen{}) != nil || old.finish() != nil {
		return nil
	}
	before := make(map[scheduler.JobKey]string, len(old.jobs))
	for _, c := range old.jobs {
		for _, i := range c.refs() {
			before[scheduler.JobKey{Name: c.frozen.Name, Ref: i}] = c.job.digest(f.ahead)
		}
	}
	return before
}

// forbids returns why the job must not run in the pipeline, or nil.
func (f *freezer) forbids(a *applied, variants []*Job, ref scheduler.Ref) error {
	trusted := slices.ContainsFunc(variants, func(j *Job) bool { return j.Source.Trusted })
	switch {
	case a.Abstract.Value:
		return fmt.Errorf("Job %s is abstract and may not be directly run", a.Name)
	case a.AllowedProjects.Set && !trusted && !slices.Contains(a.AllowedProjects.Value, ref.Project):
		return fmt.Errorf("Project %s is not allowed to run job %s", ref.Name, a.Name)
	case a.PostReview.Value && !f.pipeline.PostReview:
		return fmt.Errorf("Pre-review pipeline %s does not allow post-review job %s", f.pipeline.Name, a.Name)
	case a.Name != "noop" && len(a.Run.Value) == 0:
		return fmt.Errorf("Job %s does not specify a run playbook", a.Name)
	}
	return nil
}
