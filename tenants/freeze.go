package tenants

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// FreezeRef is one ref of an item with the files that it changes.
type FreezeRef struct {
	scheduler.Ref
	Files []string
	// FilesKnown false lets every file matcher pass.
	FilesKnown bool
}

// Frozen is the outcome of freezing the jobs of an item.
type Frozen struct {
	// InPipeline says that a project of the item has a stanza for the
	// pipeline on the ref's branch.
	InPipeline bool
	// Graph is nil when no job is to run.
	Graph *scheduler.JobGraph
	// Jobs are the jobs of Graph in the same order, with what only people
	// ask for.
	Jobs []FrozenDetail
}

// FrozenDetail is what the API tells about a frozen job beside
// scheduler.FrozenJob.
type FrozenDetail struct {
	// Job holds all variants applied.
	Job *Job
	// Inheritance lists the definitions that were applied, first to last.
	Inheritance []string
}

// FreezeError says why the jobs of an item cannot be put together.
type FreezeError struct{ Reason string }

// Error returns the text that is reported on the change.
func (e *FreezeError) Error() string { return "Unable to freeze job graph: " + e.Reason }

// Freeze puts together the jobs that a pipeline runs for an item with refs.
// ahead is the layout of the item ahead, or the tenant's; where it differs from
// l, jobs whose definition changed run whatever files changed. It may be nil.
// The error is always a *FreezeError.
func (l *Layout) Freeze(pipeline scheduler.PipelineName, refs []FreezeRef, ahead *Layout) (Frozen, error) {
	p := l.Pipeline(pipeline)
	if p == nil {
		return Frozen{}, nil
	}
	f := freezer{Layout: l, pipeline: p, ahead: ahead, names: map[scheduler.JobName]bool{}}
	var frozen Frozen
	for _, ref := range refs {
		config := l.pipelineConfig(pipeline, ref.Ref)
		frozen.InPipeline = frozen.InPipeline || config.found
		if config.failFast.Set {
			f.failFast = config.failFast.Value
		}
		if err := f.addRef(ref, config); err != nil {
			return Frozen{InPipeline: frozen.InPipeline}, &FreezeError{Reason: err.Error()}
		}
	}
	if len(f.jobs) == 0 {
		return frozen, nil
	}
	frozen.Graph = &scheduler.JobGraph{FailFast: f.failFast}
	for _, c := range f.jobs {
		frozen.Graph.Jobs = append(frozen.Graph.Jobs, c.frozen)
		frozen.Jobs = append(frozen.Jobs, c.detail())
	}
	frozen.Graph.Hash = hashGraph(frozen.Graph)
	return frozen, nil
}

func hashGraph(g *scheduler.JobGraph) scheduler.Hash {
	h := sha256.New()
	writeJSON(h, g)
	return scheduler.Hash(hex.EncodeToString(h.Sum(nil)))
}

// freezer collects the jobs of one item.
type freezer struct {
	*Layout
	pipeline *Pipeline
	ahead    *Layout
	failFast bool
	jobs     []*candidate
	names    map[scheduler.JobName]bool
}

// maxGraphJobs bounds the jobs of one item.
const maxGraphJobs = 10_000

// candidate is a job that may run for a ref.
type candidate struct {
	job    *applied
	frozen scheduler.FrozenJob
	// run is false while the job's file matchers speak against it.
	run bool
	// problem is why the job must not run; it counts only if it would.
	problem error
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

// addRef adds the jobs of one ref. A job of an earlier ref with the same name
// stands for this one too.
func (f *freezer) addRef(ref FreezeRef, config pipelineConfig) error {
	var candidates []*candidate
	for _, job := range config.jobs.list {
		c, err := f.candidate(job, ref, config.vars)
		if err != nil {
			return err
		}
		if c != nil {
			candidates = append(candidates, c)
		}
	}
	kept, err := f.resolve(keepNeeded(candidates))
	if err != nil {
		return err
	}
	for _, c := range kept {
		if !f.names[c.frozen.Name] {
			f.names[c.frozen.Name] = true
			f.jobs = append(f.jobs, c)
		}
	}
	if len(f.jobs) > maxGraphJobs {
		return fmt.Errorf("the item has more than %d jobs", maxGraphJobs)
	}
	return nil
}

// candidate applies a job's definitions and the project's variants. It
// returns nil when none of either concerns the ref.
func (f *freezer) candidate(job ProjectJob, ref FreezeRef, vars Vars) (*candidate, error) {
	a, variants, err := f.applyAll(job, ref.Ref, vars)
	if a == nil || err != nil {
		return nil, err
	}
	c := &candidate{job: a, run: true}
	if ref.FilesKnown {
		c.run = fileMatcher{a.Files.Value, a.IrrelevantFiles.Value}.match(ref.Files)
	}
	c.frozen = f.freezeJob(a)
	if !c.run && a.ConfigUpdates.Or(true) {
		c.run = f.changed(c, ref.Ref)
	}
	c.problem = f.forbids(a, variants, ref.Ref)
	return c, nil
}

// applyAll returns the job with everything applied, and the project's variants
// that were.
func (l *Layout) applyAll(job ProjectJob, ref scheduler.Ref, vars Vars) (*applied, []*Job, error) {
	definitions, ok := l.collect(job.Name, ref)
	variants := slices.DeleteFunc(slices.Clone(job.Variants), func(j *Job) bool { return !j.Branches.Match(ref) })
	if !ok || len(variants) == 0 {
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
	return a, variants, nil
}

// changed reports whether the job is not what the layout ahead makes of it.
func (f *freezer) changed(c *candidate, ref scheduler.Ref) bool {
	if f.ahead == nil || f.ahead == f.Layout || f.ahead.hash == f.hash {
		return false
	}
	config := f.ahead.pipelineConfig(f.pipeline.Name, ref)
	i, ok := config.jobs.at[c.frozen.Name]
	if !ok {
		return true
	}
	a, _, err := f.ahead.applyAll(config.jobs.list[i], ref, config.vars)
	if a == nil || err != nil {
		return true
	}
	before, now := f.ahead.freezeJob(a), c.frozen
	before.Source, now.Source = "", ""
	return !reflect.DeepEqual(before, now)
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
