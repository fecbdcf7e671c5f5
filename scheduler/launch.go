package scheduler

import (
	"slices"
	"strings"
)

// launch requests builds for the jobs that may run, in configuration order,
// and skips those that never can (Zuul semantics, section 7).
func (t *turn) launch(it *Item) {
	b := it.Buildset
	if b.Graph != nil && b.Graph.FailFast && t.failFast(it) {
		return
	}
	if !it.Active() || it.Ahead.holdsFollowing() {
		return
	}
	// A job without executor ends at once and may free others, so look again
	// until a pass does nothing.
	for again := true; again; {
		again = false
		for _, r := range b.Jobs {
			if r.Build != nil {
				continue
			}
			if blocker := b.failedDependency(r.Job); blocker != "" {
				t.skip(it, r, "Skipped due to failed job "+string(blocker))
				again = true
				continue
			}
			if !b.dependenciesDone(r.Job) || !t.acquire(it, r) {
				continue
			}
			t.request(it, r)
			again = again || r.Done()
		}
	}
}

// holdsFollowing reports whether a job of the item, or of one ahead of it, must
// succeed before items behind may start any (Zuul documentation, "Job:
// hold-following-changes"). An item whose own such jobs have passed was not
// held itself, so the walk ends there.
func (it *Item) holdsFollowing() bool {
	_, r := it.holder()
	return r != nil
}

// holder returns the job that holds, and its item.
func (it *Item) holder() (*Item, *JobRun) {
	for ; it != nil && it.Live && it.Buildset != nil; it = it.Ahead {
		passed := false
		for _, r := range it.Buildset.Jobs {
			if r.Job.HoldFollowing && r.Result() != ResultSuccess {
				return it, r
			}
			passed = passed || r.Job.HoldFollowing
		}
		if passed {
			return nil, nil
		}
	}
	return nil, nil
}

// failedDependency returns the job whose failure keeps job from running, or "".
// A failure skips everything behind it, soft dependents included; a skip for
// another reason passes on along hard dependencies only.
func (b *Buildset) failedDependency(job *FrozenJob) JobName {
	for _, d := range job.Dependencies {
		r := b.job(d.Key())
		if r == nil {
			continue
		}
		if r.failed() {
			return d.Name
		}
		if r.Result() != ResultSkipped {
			continue
		}
		if root := b.failedDependency(r.Job); root != "" {
			return root
		}
		if !d.Soft {
			return d.Name
		}
	}
	return ""
}

func (b *Buildset) dependenciesDone(job *FrozenJob) bool {
	for _, d := range job.Dependencies {
		if r := b.job(d.Key()); r != nil && !r.Done() {
			return false
		}
	}
	return true
}

// acquire takes all semaphores of the job or none.
func (t *turn) acquire(it *Item, r *JobRun) bool {
	if len(r.Job.Semaphores) == 0 || len(r.Semaphores) > 0 {
		return true
	}
	for _, name := range r.Job.Semaphores {
		if len(t.s.Holders[name]) >= t.s.semaphoreMax(name) {
			return false
		}
	}
	t.emit(SemaphoresAcquired{Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, Semaphores: r.Job.Semaphores})
	return true
}

// semaphoreMax is 1 for a semaphore that nobody declared.
func (s *State) semaphoreMax(name SemaphoreName) int {
	if n, ok := s.Layout.Semaphores[name]; ok {
		return n
	}
	return 1
}

func (t *turn) request(it *Item, r *JobRun) {
	id := BuildID(t.ids.next())
	t.emit(BuildRequested{
		Build: id, Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, Attempt: r.Tries + 1, Time: t.m.Time,
	})
	if !r.Job.Noop() {
		return
	}
	t.emit(BuildStarted{Build: id, Time: t.m.Time})
	for _, e := range completeBuild(t.s, r.Build, ResultSuccess, "", "", t.m.Time) {
		t.emit(e)
	}
}

func (t *turn) skip(it *Item, r *JobRun, reason string) {
	t.emit(JobSkipped{
		Build: BuildID(t.ids.next()), Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, Reason: reason, Time: t.m.Time,
	})
}

// failFast ends what is left once a voting job has failed for good. It reports
// whether one has.
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
			t.skip(it, r, reason)
		}
	}
	return true
}

// WaitingStatus says in Zuul's words what a job waits for; empty when nothing.
func (s *State) WaitingStatus(r *JobRun, b *Buildset) string {
	if r.Done() {
		return ""
	}
	var waiting []string
	for _, d := range r.Job.Dependencies {
		if x := b.job(d.Key()); x != nil && !x.Done() {
			waiting = append(waiting, string(d.Name))
		}
	}
	switch {
	case len(waiting) > 0:
		return "dependencies: " + strings.Join(waiting, ", ")
	case r.Build == nil && len(r.Job.Semaphores) > 0 && len(r.Semaphores) == 0:
		names := make([]string, len(r.Job.Semaphores))
		for i, n := range r.Job.Semaphores {
			names[i] = string(n)
		}
		slices.Sort(names)
		return "semaphores: " + strings.Join(names, ",")
	case r.Build != nil && r.Build.StartedAt.IsZero():
		return "executor"
	}
	return ""
}
