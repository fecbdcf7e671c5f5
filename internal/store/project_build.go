package store

import (
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// newBuild begins the row of a build of one of item's jobs.
func (ss *session) newBuild(item *itemRow, id scheduler.BuildID, set scheduler.BuildsetID, job scheduler.JobKey, at time.Time) *row[Build] {
	facts := item.job(job)
	b := &Build{
		UUID:        id,
		Buildset:    set,
		Item:        item.UUID,
		Job:         job.Name,
		Attempt:     1,
		Voting:      facts.voting,
		Nodeset:     facts.nodeset,
		Provides:    facts.provides,
		RequestedAt: at,
		Pipeline:    item.Pipeline,
		Event:       item.Event,
		EventTime:   item.EventTime,
	}
	if job.Ref < len(item.Refs) {
		b.Ref = item.Refs[job.Ref]
	}
	return ss.addBuild(b)
}

func (ss *session) buildRequested(e scheduler.BuildRequested) {
	item := ss.item(e.Item)
	if item == nil {
		return
	}
	ss.newBuild(item.v, e.Build, e.Buildset, scheduler.JobKey{Name: e.Job, Ref: e.Ref}, e.Time).v.Attempt = e.Attempt
}

func (ss *session) buildStarted(e scheduler.BuildStarted) {
	r := ss.build(e.Build)
	if r == nil {
		return
	}
	r.v.StartedAt, r.v.Executor = e.Time, e.Executor
	changed(&ss.builds, r)
	set := ss.buildset(r.v.Buildset)
	if set == nil {
		return
	}
	if first := set.v.FirstBuildStart; first.IsZero() || e.Time.Before(first) {
		set.v.FirstBuildStart = e.Time
		changed(&ss.buildsets, set)
	}
}

func (ss *session) buildCompleted(e scheduler.BuildCompleted) {
	r := ss.build(e.Build)
	if r == nil {
		item := ss.item(e.Item)
		if item == nil {
			return
		}
		r = ss.newBuild(item.v, e.Build, e.Buildset, scheduler.JobKey{Name: e.Job, Ref: e.Ref}, e.Time)
	}
	r.v.LogURL, r.v.ErrorDetail = e.LogURL, e.Detail
	returned(r.v, e.Returned)
	ss.end(r, e.Result, !e.Retry, e.Time)
	ss.learn(r.v)
	ss.noteFailure(r.v, e)
}

// returned shows what a build gave back, as far as everybody may know it.
func returned(b *Build, r *scheduler.Returned) {
	if r != nil {
		b.Artifacts = r.Artifacts
	}
}

func (ss *session) buildPaused(e scheduler.BuildPaused) {
	if r := ss.build(e.Build); r != nil {
		returned(r.v, e.Returned)
		changed(&ss.builds, r)
	}
}

// noteFailure remembers which jobs made the item fail.
func (ss *session) noteFailure(b *Build, e scheduler.BuildCompleted) {
	if e.Retry || e.Result == scheduler.ResultSuccess || !b.Voting {
		return
	}
	if item := ss.item(e.Item); item != nil && item.v.buildset == e.Buildset {
		item.v.failed = append(item.v.failed, e.Job)
		changed(&ss.items, item)
	}
}

// end gives a build its result.
func (ss *session) end(r *row[Build], result scheduler.Result, final bool, at time.Time) {
	held := false
	r.v.Result, r.v.Final, r.v.Held, r.v.EndedAt = result, &final, &held, at
	changed(&ss.builds, r)
	set := ss.buildset(r.v.Buildset)
	if set != nil && at.After(set.v.LastBuildEnd) && result != scheduler.ResultSkipped {
		set.v.LastBuildEnd = at
		changed(&ss.buildsets, set)
	}
}

// cancel ends builds that had no result.
func (ss *session) cancel(builds []scheduler.BuildID, reason string, at time.Time) {
	for _, id := range builds {
		r := ss.build(id)
		if r == nil || r.v.Complete() {
			continue
		}
		r.v.ErrorDetail = reason
		ss.end(r, scheduler.ResultCanceled, true, at)
	}
}

func (ss *session) jobSkipped(e scheduler.JobSkipped) {
	item := ss.item(e.Item)
	if item == nil {
		return
	}
	r := ss.newBuild(item.v, e.Build, e.Buildset, scheduler.JobKey{Name: e.Job, Ref: e.Ref}, e.Time)
	r.v.ErrorDetail = e.Reason
	ss.end(r, scheduler.ResultSkipped, true, e.Time)
}

// buildHeld notes that an autohold keeps what is left of a build.
func (ss *session) buildHeld(e scheduler.BuildHeld) {
	r := ss.build(e.Build)
	if r == nil {
		return
	}
	held := true
	r.v.Held = &held
	changed(&ss.builds, r)
}
