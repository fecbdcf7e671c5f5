package schedtest

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// relatives says what the jobs of a buildset are to each other, by walking all
// their dependencies again and again until nothing is added.
type relatives struct{ jobs []*scheduler.JobRun }

// below lists the jobs that depend on a job, directly or not; hard leaves out
// soft edges.
func (x relatives) below(top *scheduler.JobRun, hard bool) []*scheduler.JobRun {
	found := []*scheduler.JobRun{}
	for grown := true; grown; {
		grown = false
		for _, r := range x.jobs {
			if slices.Contains(found, r) {
				continue
			}
			for _, d := range r.Job.Dependencies {
				reached := d.Key() == top.Job.Key() || slices.ContainsFunc(found, func(f *scheduler.JobRun) bool { return f.Job.Key() == d.Key() })
				if reached && !(hard && d.Soft) && !slices.Contains(found, r) {
					found = append(found, r)
					grown = true
				}
			}
		}
	}
	return found
}

// neverRuns reports whether what became of other jobs keeps one from running.
func (x relatives) neverRuns(r *scheduler.JobRun) bool {
	return slices.ContainsFunc(x.jobs, func(p *scheduler.JobRun) bool {
		if p.Build == nil || p == r {
			return false
		}
		switch p.Build.Result {
		case scheduler.ResultSkipped:
			return false
		case scheduler.ResultSuccess:
		case "":
			if !p.Build.Paused() {
				return false
			}
		default:
			return slices.Contains(x.below(p, false), r)
		}
		got := p.Build.Returned
		switch {
		case got == nil || !got.ChildJobsGiven:
			return false
		case len(got.ChildJobs) == 0:
			return slices.Contains(x.below(p, true), r)
		}
		for _, c := range x.jobs {
			child := slices.ContainsFunc(c.Job.Dependencies, func(d scheduler.JobDependency) bool { return d.Key() == p.Job.Key() })
			if child && !slices.Contains(got.ChildJobs, c.Job.Name) && (c == r || slices.Contains(x.below(c, true), r)) {
				return true
			}
		}
		return false
	})
}

// outcomes says whether the jobs are as the results of the others demand,
// wherever the item stands.
func (n *naive) outcomes(it *scheduler.Item) {
	x := relatives{it.Buildset.Jobs}
	for _, r := range x.jobs {
		switch {
		case r.Build == nil && x.neverRuns(r):
			n.differ(it, "job %s must be skipped", r.Job.Name)
		case r.Build != nil && r.Build.Paused() && !slices.ContainsFunc(x.below(r, false), func(c *scheduler.JobRun) bool { return !c.Done() }):
			n.differ(it, "paused job %s must go on", r.Job.Name)
		}
	}
}

// waits reports whether a job must wait for another one of its item, or for
// what jobs of changes ahead provide.
func (n *naive) waits(it *scheduler.Item, r *scheduler.JobRun) bool {
	x := relatives{it.Buildset.Jobs}
	for _, p := range x.jobs {
		if !p.Done() && !(p.Build != nil && p.Build.Paused()) && slices.Contains(x.below(p, false), r) {
			return true
		}
	}
	for a := it.Ahead; a != nil && len(r.Job.Requires) > 0; a = a.Ahead {
		provider := a
		if !a.Live {
			if provider = n.testedElsewhere(a); provider == nil {
				if !n.answered(it, r, a) {
					return true
				}
				continue
			}
		}
		if provider.Buildset == nil || !provider.Buildset.Prepared || provider.Report != "" {
			return true
		}
		for _, p := range provider.Buildset.Jobs {
			provides := slices.ContainsFunc(p.Job.Provides, func(name string) bool { return slices.Contains(r.Job.Requires, name) })
			if provides && (p.Build == nil || p.Build.Result != scheduler.ResultSuccess && !p.Build.Paused() || !provider.Refs[p.Job.Ref].IsChange()) {
				return true
			}
		}
	}
	return false
}

// testedElsewhere looks through the whole pipeline for a live item with the
// changes of a non-live one.
func (n *naive) testedElsewhere(a *scheduler.Item) *scheduler.Item {
	for _, q := range a.Queue.Pipeline.Queues {
		for _, x := range q.Items {
			if x.Live && len(x.Refs) == len(a.Refs) && !slices.ContainsFunc(a.Refs, func(r scheduler.Ref) bool {
				return !slices.ContainsFunc(x.Refs, func(o scheduler.Ref) bool { return o.Key() == r.Key() && o.Patchset == r.Patchset })
			}) {
				return x
			}
		}
	}
	return nil
}

// answered reports whether the history was asked about an item and has told.
func (n *naive) answered(it *scheduler.Item, r *scheduler.JobRun, a *scheduler.Item) bool {
	for _, l := range it.Buildset.Lookups {
		if l.Of == a.ID && slices.Equal(l.Names, r.Job.Requires) {
			return l.Found
		}
	}
	n.differ(it, "job %s requires something of %s, and nobody asks for it", r.Job.Name, a.Refs[0])
	return false
}
