package scheduler

import "strings"

// launch settles what became of the item's jobs and requests builds for those
// that may run, in configuration order (Zuul semantics, section 7).
func (t *turn) launch(it *Item) {
	t.skipChildren(it)
	if g := it.Buildset.Graph; g != nil && g.FailFast && t.failFast(it) {
		return
	}
	if it.Active() && !it.Ahead.holdsFollowing() {
		for t.launchReady(it) {
			t.skipChildren(it)
		}
	}
	t.resumePaused(it)
}

// launchReady is a pass over the jobs. It reports whether it ended with one
// that has its result at once, which may free or skip others.
func (t *turn) launchReady(it *Item) (ended bool) {
	for _, r := range it.Buildset.Jobs {
		if r.Build != nil {
			if t.finishNoop(r) {
				return true
			}
			continue
		}
		switch ready := t.provide(it, r) && !it.Buildset.blocked(r); {
		case ready && t.equip(it, r):
			t.request(it, r)
		case !ready && r.Build == nil && len(r.Semaphores) > 0:
			// It was ready once. Whoever it waits for may want the same.
			t.release(claim{it: it, run: r})
		}
		if r.Done() {
			return true
		}
	}
	return false
}

func (t *turn) request(it *Item, r *JobRun) {
	id := BuildID(t.ids.next())
	t.emit(BuildRequested{
		Build: id, Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, Attempt: r.Tries + 1,
		Artifacts: t.s.provisionFor(it, r.Job).artifacts, Time: t.m.Time,
	})
	t.finishNoop(r)
}

// finishNoop ends a job that needs no executor. Its success is a result as any
// other: it waits while results are paused.
func (t *turn) finishNoop(r *JobRun) bool {
	if !r.Job.Noop() || r.Done() || t.s.Control.ResultPaused {
		return false
	}
	t.emit(BuildStarted{Build: r.Build.ID, Time: t.m.Time})
	for _, e := range completeBuild(r.Build, CompletedBuild{Result: ResultSuccess}, t.m.Time) {
		t.emit(e)
	}
	return true
}

func (t *turn) skip(it *Item, r *JobRun, reason string) {
	t.emit(JobSkipped{
		Build: BuildID(t.ids.next()), Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, Reason: reason, Time: t.m.Time,
	})
}

// WaitingStatus says in Zuul's words what a job waits for; empty when nothing.
func (s *State) WaitingStatus(r *JobRun, b *Buildset) string {
	if r.Done() {
		return ""
	}
	var waiting []string
	for _, p := range b.unfinished(r) {
		waiting = append(waiting, string(p.Job.Name))
	}
	switch {
	case r.Build == nil && s.provisionFor(b.Item, r.Job).waits:
		return "requirements: " + strings.Join(r.Job.Requires, ", ")
	case len(waiting) > 0:
		return "dependencies: " + strings.Join(waiting, ", ")
	case r.Build == nil && r.resourceStatus() != "":
		return r.resourceStatus()
	case r.Build != nil && r.Build.StartedAt.IsZero():
		return "executor"
	}
	return ""
}
