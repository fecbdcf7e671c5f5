package tenants

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// Explanation tells how a job of a pipeline came to be what it is.
type Explanation struct {
	Tenant   scheduler.TenantName
	Project  scheduler.ProjectName
	Branch   string
	Pipeline scheduler.PipelineName
	Job      scheduler.JobName
	// Problem says why the job does not run; empty when it does.
	Problem string
	// Steps are what was applied, first to last.
	Steps []Step
	// PassedOver are the definitions of the same names that are for other
	// branches.
	PassedOver []Step
	// Attributes are the ones that some step sets, in the order of the manual.
	Attributes []ExplainedAttribute
}

// Step is a definition or a variant of a job.
type Step struct {
	Name   scheduler.JobName
	Source Source
	Kind   string // one of the constants below
	// Branches that it is for; empty are all.
	Branches []string
}

// The kinds of steps.
const (
	StepJob     = "job"
	StepVariant = "variant of the project"
	StepVars    = "variables of the project"
)

// ExplainedAttribute is an attribute of a job and who set it.
type ExplainedAttribute struct {
	Name string
	// Value is the outcome as JSON.
	Value string
	// Settings are in the order they were applied.
	Settings []Setting
}

// Setting is one place that sets an attribute.
type Setting struct {
	// Step counts from 1.
	Step int
	// At is the place of the attribute itself.
	At Source
	// Value as written there, as JSON.
	Value string
	// How says what became of the value before: "set", "replaced" or "joined".
	How string
}

// Explain tells which definitions and variants set which attribute of a job
// when a change of ref runs it in a pipeline, as if all files had changed.
func (l *Layout) Explain(pipeline scheduler.PipelineName, ref scheduler.Ref, name scheduler.JobName) *Explanation {
	e := &Explanation{Tenant: l.tenant.Name, Project: ref.Project, Branch: ref.Branch, Pipeline: pipeline, Job: name}
	if e.Problem = l.explainPlace(pipeline, name); e.Problem != "" {
		return e
	}
	config := l.pipelineConfig(pipeline, ref, nil)
	i := slices.IndexFunc(config.jobs.list, func(j ProjectJob) bool { return j.Name == name })
	if i < 0 {
		e.Problem = fmt.Sprintf("%s does not run the job in the pipeline %s on %s", ref.Name, pipeline, ref.Branch)
		return e
	}
	job := config.jobs.list[i]
	variants := slices.DeleteFunc(slices.Clone(job.Variants), func(j *Job) bool { return !j.Branches.Match(ref) })
	definitions, ok := l.collect(name, ref, variants, nil)
	x := explainer{Layout: l, e: e}
	x.passedOver(name, definitions, job.Variants, variants)
	switch {
	case !ok || len(definitions) == 0:
		e.Problem = fmt.Sprintf("no definition of the job, or of one of its parents, is for the branch %s", ref.Branch)
		return e
	case len(variants) == 0:
		e.Problem = fmt.Sprintf("every variant of the project is for other branches than %s", ref.Branch)
		return e
	}
	x.apply(name, definitions, config.vars, variants)
	if e.Problem == "" {
		e.Problem = l.explainFreeze(pipeline, ref, name)
	}
	return e
}

// explainPlace finds what cannot be at all.
func (l *Layout) explainPlace(pipeline scheduler.PipelineName, name scheduler.JobName) string {
	switch {
	case l.Pipeline(pipeline) == nil:
		return fmt.Sprintf("the tenant has no pipeline %q%s", pipeline, spaced(didYouMean(string(pipeline), l.pipelineNames())))
	case len(l.jobs[name]) == 0:
		return fmt.Sprintf("the job %q is not defined%s", name, spaced(didYouMean(string(name), l.jobNames())))
	}
	return ""
}

func spaced(hint string) string {
	if hint == "" {
		return ""
	}
	return "; " + hint
}

// explainFreeze tells why a job that was put together is not run, or why
// nothing of the change is.
func (l *Layout) explainFreeze(pipeline scheduler.PipelineName, ref scheduler.Ref, name scheduler.JobName) string {
	f, err := l.Freeze(pipeline, []FreezeRef{{Ref: ref}}, nil)
	switch {
	case err != nil:
		return err.Error()
	case f.Graph == nil || f.Graph.Job(name) == nil:
		return "the job is left out of the job graph"
	}
	return ""
}
