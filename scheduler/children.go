package scheduler

import "slices"

// kin is an edge of the job graph as the runs of a buildset see it.
type kin struct {
	run  *JobRun
	soft bool
}

// linkJobs connects the runs of a buildset by their dependencies. What names
// no job of the graph is a soft dependency on a job that does not run.
func (b *Buildset) linkJobs() {
	for _, r := range b.Jobs {
		for _, d := range r.Job.Dependencies {
			if p := b.job(d.Key()); p != nil {
				r.parents = append(r.parents, kin{p, d.Soft})
				p.children = append(p.children, kin{r, d.Soft})
			}
		}
	}
}

// ancestors are the jobs that the job depends on, directly or not, along hard
// edges only if hard is set.
func (r *JobRun) ancestors(hard bool) map[*JobRun]bool {
	found := map[*JobRun]bool{}
	var walk func(*JobRun)
	walk = func(r *JobRun) {
		for _, k := range r.parents {
			if !found[k.run] && (!hard || !k.soft) {
				found[k.run] = true
				walk(k.run)
			}
		}
	}
	walk(r)
	return found
}

// descendants adds to found the jobs that depend on the job.
func (r *JobRun) descendants(hard bool, found map[*JobRun]bool) {
	for _, k := range r.children {
		if !found[k.run] && (!hard || !k.soft) {
			found[k.run] = true
			k.run.descendants(hard, found)
		}
	}
}

// blocked reports whether the job waits for another one of its item.
func (b *Buildset) blocked(r *JobRun) bool {
	for _, k := range r.parents {
		if !k.run.Done() && !k.run.paused() {
			return true
		}
	}
	return len(b.unfinished(r)) > 0
}

// unfinished lists the jobs that the job still waits for, in configuration
// order. A paused job has done what its dependents need.
func (b *Buildset) unfinished(r *JobRun) []*JobRun {
	if len(r.parents) == 0 {
		return nil
	}
	ancestors := r.ancestors(false)
	var out []*JobRun
	for _, p := range b.Jobs {
		if ancestors[p] && !p.Done() && !p.paused() {
			out = append(out, p)
		}
	}
	return out
}

// skips says which jobs can never run because of how the job ended, and why
// (Zuul semantics, section 7.2).
func (r *JobRun) skips() (jobs map[*JobRun]bool, reason string) {
	chooses := r.Build != nil && r.Build.Returned != nil && r.Build.Returned.ChildJobsGiven &&
		(r.Result() == ResultSuccess || r.paused())
	if len(r.children) == 0 || !chooses && !r.failed() {
		return nil, ""
	}
	jobs = map[*JobRun]bool{}
	switch {
	case r.failed():
		r.descendants(false, jobs)
		return jobs, "Skipped due to failed job " + string(r.Job.Name)
	case len(r.Build.Returned.ChildJobs) == 0:
		r.descendants(true, jobs)
	default:
		for _, k := range r.children {
			if !slices.Contains(r.Build.Returned.ChildJobs, k.run.Job.Name) {
				jobs[k.run] = true
				k.run.descendants(true, jobs)
			}
		}
	}
	return jobs, skippedByChildJobs + " in job " + string(r.Job.Name)
}

// skippedByChildJobs begins the reason of skips that a job asked for.
const skippedByChildJobs = "Skipped due to child_jobs return value"

// skipChildren skips the jobs that can never run, and reports whether there
// were any.
func (t *turn) skipChildren(it *Item) bool {
	skipped := false
	for _, p := range it.Buildset.Jobs {
		jobs, reason := p.skips()
		if len(jobs) == 0 {
			continue
		}
		for _, r := range it.Buildset.Jobs {
			if jobs[r] && r.Build == nil {
				t.skip(it, r, reason)
				skipped = true
			}
		}
	}
	return skipped
}

// conclude gives a job a result without running it: its build was asked for
// and ended in one.
func (t *turn) conclude(it *Item, r *JobRun, result Result, detail string) {
	id := BuildID(t.ids.next())
	t.emit(BuildRequested{
		Build: id, Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, Attempt: r.Tries + 1, Time: t.m.Time,
	})
	t.emit(BuildCompleted{
		Build: id, Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref,
		Result: result, Detail: detail, Time: t.m.Time,
	})
}

// failFast ends what is left once a voting job has failed for good (Zuul
// documentation, "Project: fail-fast"). It reports whether one has.
func (t *turn) failFast(it *Item) bool {
	runs := it.Buildset.Jobs
	i := slices.IndexFunc(runs, func(r *JobRun) bool { return r.Job.Voting && r.failed() })
	if i < 0 {
		return false
	}
	reason := "job " + string(runs[i].Job.Name) + " failed and the project asks to fail fast"
	t.cancelBuilds(it, reason)
	for _, r := range runs {
		if r.Build == nil {
			t.conclude(it, r, ResultCanceled, reason)
		}
	}
	return true
}
