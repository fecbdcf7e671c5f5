package tenants

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// FreezeRef is one ref of an item with the files that it changes.
type FreezeRef struct {
	scheduler.Ref
	Files []string
	// FilesKnown false lets every file matcher pass.
	FilesKnown bool
	// Trigger says that the event of this ref brought the item. Jobs that are
	// the same for several refs run for this one; without it, for the first.
	Trigger bool
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
	// Debug tells how the jobs were chosen, where a project asks for it.
	Debug []string
	// Left are the jobs that the projects ask for and that do not run, a
	// bounded number of them.
	Left []scheduler.LeftJob
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

// Freeze puts together the jobs that a pipeline runs for an item with refs, in
// the order of the refs (Zuul semantics, section 8). ahead is the layout of the
// item ahead, or the tenant's; where it differs from l, jobs whose definition
// changed run whatever files changed. It may be nil. The error is always a
// *FreezeError.
func (l *Layout) Freeze(pipeline scheduler.PipelineName, refs []FreezeRef, ahead *Layout) (Frozen, error) {
	p := l.Pipeline(pipeline)
	if p == nil {
		return Frozen{}, nil
	}
	f := freezer{Layout: l, pipeline: p, refs: refs, ahead: ahead}
	frozen := Frozen{}
	err := f.collectAll(&frozen)
	if err == nil {
		err = f.finish()
	}
	if err != nil {
		return Frozen{InPipeline: frozen.InPipeline}, &FreezeError{Reason: err.Error()}
	}
	frozen.Debug, frozen.Left = f.trace.told(), f.left
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
	refs     []FreezeRef
	ahead    *Layout
	failFast bool
	jobs     []*candidate
	// before are the jobs that the layout ahead makes of the item, once they
	// were asked for; nil when it cannot.
	before     map[scheduler.JobKey]string
	beforeMade bool
	left       []scheduler.LeftJob
	trace      *trace // of the ref at hand and those before it; nil while nobody asks
}

// maxGraphJobs bounds the jobs of one item.
const maxGraphJobs = 10_000

// collectAll adds the jobs of every ref.
func (f *freezer) collectAll(frozen *Frozen) error {
	for i, ref := range f.refs {
		config := f.pipelineConfig(f.pipeline.Name, ref.Ref, nil)
		if config.debug {
			f.trace = cmp.Or(f.trace, &trace{})
			config = f.pipelineConfig(f.pipeline.Name, ref.Ref, f.trace)
		}
		frozen.InPipeline = frozen.InPipeline || config.found
		if config.failFast.Set {
			f.failFast = config.failFast.Value
		}
		for _, job := range config.jobs.list {
			c, err := f.candidate(job, i, config.vars)
			if err != nil {
				return err
			}
			if c == nil {
				f.leave(job.Name, i, "none of its variants matches "+cmp.Or(ref.Branch, ref.Ref.Ref))
				continue
			}
			f.jobs = append(f.jobs, c)
		}
		if len(f.jobs) > maxGraphJobs {
			return fmt.Errorf("the item has more than %d jobs", maxGraphJobs)
		}
	}
	return nil
}

// maxLeft bounds the jobs that are told to be left out: they go into the log.
const maxLeft = 100

// leave notes that a job of a ref does not run.
func (f *freezer) leave(job scheduler.JobName, ref int, why string) {
	if len(f.left) < maxLeft {
		f.left = append(f.left, scheduler.LeftJob{Job: job, Ref: ref, Why: why})
	}
}

// finish makes a graph of the candidates. Dependencies are looked at twice: a
// job that does not run must have them as well, and what was dropped may be
// depended on softly.
func (f *freezer) finish() error {
	f.deduplicate()
	if err := f.connect(); err != nil {
		return err
	}
	f.keepNeeded()
	if err := f.connect(); err != nil {
		return err
	}
	for _, c := range f.jobs {
		for _, dep := range c.job.Dependencies.Value {
			if len(f.Layout.jobs[dep.Name]) == 0 {
				return fmt.Errorf("Job %s depends on %s which is not defined.", c.frozen.Name, dep.Name)
			}
		}
	}
	for _, c := range f.jobs {
		if c.problem != nil {
			return c.problem
		}
	}
	return nil
}
