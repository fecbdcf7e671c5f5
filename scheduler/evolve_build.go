package scheduler

import (
	"slices"
	"time"
)

func (s *State) prepareRequested(e PrepareRequested) {
	it := s.items[e.Item]
	it.Buildset = &Buildset{ID: e.Buildset, Item: it, RequestedAt: e.Time}
	var chain []*Item
	for a := it.Ahead; a != nil; a = a.Ahead {
		chain = append(chain, a)
	}
	for _, a := range slices.Backward(chain) {
		it.Buildset.Base = append(it.Buildset.Base, a.Refs...)
	}
}

func (s *State) itemPrepared(e ItemPrepared) {
	it := s.items[e.Item]
	b := it.Buildset
	b.Prepared, b.PreparedAt = true, e.Time
	b.Conflict, b.Detail, b.State = e.Conflict, e.Detail, e.State
	b.ConfigErrors, b.Warnings, b.Debug = e.ConfigErrors, e.Warnings, e.Debug
	b.InPipeline, b.Graph = e.InPipeline, e.Graph
	if e.Graph != nil {
		b.Jobs = make([]*JobRun, len(e.Graph.Jobs))
		for i := range e.Graph.Jobs {
			job := &e.Graph.Jobs[i]
			b.Jobs[i] = &JobRun{Job: job}
			s.indexSemaphores(it, job)
		}
	}
	b.linkJobs()
	s.indexRequires(it)
	it.countHolding(1)
	s.mark(it)
	s.markTwins(it)
	for _, behind := range it.Behind {
		s.mark(behind)
	}
}

func (s *State) buildsetReset(e BuildsetReset) {
	it := s.items[e.Item]
	s.dropBuildset(it)
	it.Resets++
	it.Report = ""
	if len(it.Failing) > 0 {
		it.Failing = nil
		s.markFailing(it)
	}
	s.mark(it)
}

// dropBuildset forgets the item's builds and gives its semaphores back.
func (s *State) dropBuildset(it *Item) {
	b := it.Buildset
	if b == nil {
		return
	}
	it.countHolding(-1)
	for _, r := range b.Jobs {
		if r.Build != nil {
			delete(s.builds, r.Build.ID)
		}
		s.releaseAll(it, r)
		s.dropRequest(r)
		s.unindexSemaphores(it, r.Job)
		s.unindexRequires(it, r)
		s.markRequiring(r)
	}
	it.Buildset = nil
}

// buildsCanceled gives every unfinished job the result CANCELED.
func (s *State) buildsCanceled(e BuildsCanceled) {
	it := s.items[e.Item]
	for _, id := range e.Canceled {
		if b := s.builds[id]; b != nil {
			r := b.Buildset.job(b.Key())
			b.Result, b.CompletedAt = ResultCanceled, e.Time
			s.releaseAll(it, r)
			s.dropRequest(r)
		}
	}
	s.mark(it)
}

func (s *State) buildRequested(e BuildRequested) {
	it := s.items[e.Item]
	r := it.Buildset.job(JobKey{e.Job, e.Ref})
	if r.Build != nil {
		r.Retried = append(r.Retried, r.Build)
		delete(s.builds, r.Build.ID)
	}
	r.Tries++
	r.Build = &Build{ID: e.Build, Buildset: it.Buildset, Job: e.Job, Ref: e.Ref, Attempt: e.Attempt, RequestedAt: e.Time, Artifacts: e.Artifacts}
	s.builds[e.Build] = r.Build
}

func (s *State) buildStarted(e BuildStarted) {
	b := s.builds[e.Build]
	b.StartedAt, b.Executor = e.Time, e.Executor
}

func (s *State) buildCompleted(e BuildCompleted) {
	b := s.builds[e.Build]
	r := b.Buildset.job(b.Key())
	b.CompletedAt, b.Detail, b.LogURL = e.Time, e.Detail, e.LogURL
	if e.Returned != nil {
		b.Returned = e.Returned
	}
	b.Result, b.Playbook = e.Result, nil
	if e.Retry {
		// The job is open again; the build stays in the history.
		r.Retried = append(r.Retried, b)
		r.Build = nil
		delete(s.builds, e.Build)
	}
	s.mark(b.Buildset.Item)
	s.markRequiring(r)
	if r.Job.HoldFollowing && e.Result == ResultSuccess {
		s.markFollowing(b.Buildset.Item)
	}
}

func (s *State) jobSkipped(e JobSkipped) {
	it := s.items[e.Item]
	r := it.Buildset.job(JobKey{e.Job, e.Ref})
	r.Build = &Build{
		ID: e.Build, Buildset: it.Buildset, Job: e.Job, Ref: e.Ref, Result: ResultSkipped, Detail: e.Reason,
		RequestedAt: e.Time, CompletedAt: e.Time,
	}
	s.builds[e.Build] = r.Build
	s.mark(it)
}

func (s *State) reportRequested(e ReportRequested) {
	s.Reports = append(s.Reports, &e)
	it := s.items[e.Item]
	if it == nil {
		return
	}
	if e.Action == ActionStart {
		it.StartReported = true
	}
	if e.Final {
		it.Report = e.Report
		s.markProvided(it)
	}
}

func (s *State) reportCompleted(e ReportCompleted) {
	s.landed(e)
	s.Reports = slices.DeleteFunc(s.Reports, func(r *ReportRequested) bool { return r.Report == e.Report })
	s.mark(s.items[e.Item])
}

// Duration of a build that ran; 0 for one that did not.
func (b *Build) Duration() time.Duration {
	if b.StartedAt.IsZero() || b.CompletedAt.IsZero() {
		return 0
	}
	return b.CompletedAt.Sub(b.StartedAt)
}
