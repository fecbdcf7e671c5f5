package scheduler

import "time"

// paused reports whether the job's build waits for the jobs that depend on it.
func (r *JobRun) paused() bool { return r.Build != nil && r.Build.Paused() }

// Paused reports whether the build waits for the jobs that depend on its own.
// It has done what those need and goes on when all of them have results (Zuul
// documentation, "Pausing a job").
func (b *Build) Paused() bool { return b.Result == "" && !b.PausedAt.IsZero() && b.ResumedAt.IsZero() }

// resumePaused lets builds go on of which all dependent jobs have results.
func (t *turn) resumePaused(it *Item) {
	for _, r := range it.Buildset.Jobs {
		if !r.paused() {
			continue
		}
		waiting := false
		jobs := map[*JobRun]bool{}
		r.descendants(false, jobs)
		for d := range jobs {
			waiting = waiting || !d.Done()
		}
		if !waiting {
			t.emit(BuildResumed{
				Build: r.Build.ID, Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, Time: t.m.Time,
			})
		}
	}
}

func decidePaused(s *State, m Meta, c PausedBuild) ([]Event, error) {
	b := s.builds[c.Build]
	if b == nil || b.Result != "" || !b.PausedAt.IsZero() {
		return nil, late(c.Build)
	}
	if err := b.ranBy(c.Executor); err != nil {
		return nil, err
	}
	at := orNow(c.Time, m)
	var events []Event
	if b.StartedAt.IsZero() { // the news of its start is late or lost
		events = append(events, BuildStarted{Build: b.ID, Executor: c.Executor, Time: at})
	}
	return append(events, BuildPaused{
		Build: b.ID, Item: b.Buildset.Item.ID, Buildset: b.Buildset.ID, Job: b.Job, Ref: b.Ref, Returned: c.Returned, Time: at,
	}), nil
}

// decideFailing takes the announcement that a build will fail (Zuul
// documentation, "Job: failure-output", and "early failure detection").
func decideFailing(s *State, m Meta, c FailingBuild) ([]Event, error) {
	b := s.builds[c.Build]
	if b == nil || b.Result != "" || b.Failing {
		return nil, late(c.Build)
	}
	if err := b.ranBy(c.Executor); err != nil {
		return nil, err
	}
	return []Event{BuildFailing{
		Build: b.ID, Item: b.Buildset.Item.ID, Buildset: b.Buildset.ID, Job: b.Job, Ref: b.Ref, Detail: c.Detail, Time: orNow(c.Time, m),
	}}, nil
}

// ranBy refuses the word of an executor that does not have the build.
func (b *Build) ranBy(e ExecutorName) error {
	if b.Executor != "" && e != "" && b.Executor != e {
		return &Rejection{Code: "conflict", Message: "another executor runs it", Subject: string(b.ID)}
	}
	return nil
}

// resetDescendants says that all jobs behind a lost build run again, even
// those that passed: what it provided for them is gone with it.
func (b *Build) resetDescendants(at time.Time) []Event {
	if b.PausedAt.IsZero() {
		return nil
	}
	jobs := map[*JobRun]bool{}
	b.Buildset.job(b.Key()).descendants(false, jobs)
	e := JobsReset{
		Item: b.Buildset.Item.ID, Buildset: b.Buildset.ID, Job: b.Job, Ref: b.Ref,
		Reason: "paused job " + string(b.Job) + " was lost", Time: at,
	}
	for _, r := range b.Buildset.Jobs {
		if !jobs[r] || r.Build == nil {
			continue
		}
		e.Builds = append(e.Builds, r.Build.ID)
		if r.Build.Result == "" && !r.Job.Noop() {
			e.Running = append(e.Running, r.Build.ID)
		}
	}
	if len(e.Builds) == 0 {
		return nil
	}
	return []Event{e}
}

func (s *State) buildPaused(e BuildPaused) {
	b := s.builds[e.Build]
	b.PausedAt, b.Returned = e.Time, e.Returned
	s.mark(b.Buildset.Item)
	s.markRequiring(b.Buildset.job(b.Key()))
}

func (s *State) buildResumed(e BuildResumed) { s.builds[e.Build].ResumedAt = e.Time }

func (s *State) buildFailing(e BuildFailing) {
	b := s.builds[e.Build]
	b.Failing = true
	s.mark(b.Buildset.Item)
}

// jobsReset opens jobs again. Builds that a retry has taken off already are
// not there any more.
func (s *State) jobsReset(e JobsReset) {
	for _, id := range e.Builds {
		b := s.builds[id]
		if b == nil {
			continue
		}
		r := b.Buildset.job(b.Key())
		s.releaseAll(b.Buildset.Item, r)
		s.dropRequest(r)
		r.Build = nil
		delete(s.builds, id)
		if r.Job.HoldFollowing {
			s.markFollowing(s.items[e.Item])
		}
	}
	s.mark(s.items[e.Item])
}
