package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// itemPrepared begins the row of a buildset that has jobs.
func (ss *session) itemPrepared(e scheduler.ItemPrepared) {
	r := ss.item(e.Item)
	if r == nil {
		return
	}
	r.v.buildset, r.v.jobs = e.Buildset, nil
	if e.Graph != nil {
		for i := range e.Graph.Jobs {
			j := &e.Graph.Jobs[i]
			r.v.jobs = append(r.v.jobs, jobFacts{name: j.Name, ref: j.Ref, voting: j.Voting, nodeset: j.Nodeset.Name, provides: j.Provides})
		}
	}
	changed(&ss.items, r)
	if len(r.v.jobs) > 0 {
		ss.beginBuildset(r.v, e.Buildset, e.Time)
	}
	kind := DecisionPrepared
	if e.Conflict || len(e.ConfigErrors) > 0 {
		kind = DecisionFailing
	}
	ss.decide(e.Item, e.Time, kind, preparedText(e, r.v, ss.present(r.v.ahead)))
}

func (ss *session) beginBuildset(i *itemRow, id scheduler.BuildsetID, at time.Time) *row[Buildset] {
	first := scheduler.Ref{}
	if len(i.Refs) > 0 {
		first = i.Refs[0]
	}
	return ss.addBuildset(&Buildset{
		UUID:      id,
		Item:      i.UUID,
		Pipeline:  i.Pipeline,
		Refs:      i.Refs,
		Event:     i.Event,
		EventTime: i.EventTime,
		CreatedAt: at,
		Events: []BuildsetEvent{{
			Time:        i.EventTime,
			Type:        "triggered",
			Description: fmt.Sprintf("Triggered by %s %s %s", refType(first), first.Name, first.ID()),
		}},
	})
}

func refType(r scheduler.Ref) string {
	switch {
	case r.IsChange():
		return "Change"
	case strings.HasPrefix(r.Ref, "refs/tags/"):
		return "Tag"
	}
	return "Branch"
}

func (ss *session) buildsetReset(e scheduler.BuildsetReset) {
	r := ss.item(e.Item)
	if r == nil {
		return
	}
	ss.cancel(e.Canceled, e.Reason, e.Time)
	if b := ss.buildset(e.Buildset); b != nil {
		b.v.Result, b.v.Message = scheduler.ResultDequeued, because(StartedOver, e.Reason)
		changed(&ss.buildsets, b)
	}
	r.v.buildset, r.v.jobs, r.v.failed = "", nil, nil
	r.v.Resets++
	changed(&ss.items, r)
	ss.decide(e.Item, e.Time, DecisionReset, because("Starts over", e.Reason))
}

// reportRequested notes the outcome. A buildset whose commits must still land
// gets its result when they have.
func (ss *session) reportRequested(e scheduler.ReportRequested) {
	r := ss.item(e.Item)
	if r == nil {
		return
	}
	if e.Final {
		r.v.report, r.v.outcome, r.v.submit = e.Report, e.Result, e.Submit
		changed(&ss.items, r)
		if e.Submit {
			ss.conclude(r.v, e.Buildset, "", e.Message, e.Time)
		} else {
			ss.conclude(r.v, e.Buildset, e.Result, e.Message, e.Time)
		}
	}
	ss.decide(e.Item, e.Time, DecisionReported, reportedText(e))
}

func (ss *session) reportCompleted(e scheduler.ReportCompleted) {
	r := ss.item(e.Item)
	if r == nil || r.v.report != e.Report || !r.v.submit {
		return
	}
	gone := !r.v.DequeuedAt.IsZero() // taken out while it merged: its result stays
	if e.Merged {
		if !gone {
			ss.conclude(r.v, r.v.buildset, r.v.outcome, "", e.Time)
		}
		ss.decide(e.Item, e.Time, DecisionMerged, mergedText(r.v.Refs))
		return
	}
	if !gone {
		r.v.outcome = scheduler.ResultMergeFailure
		changed(&ss.items, r)
	}
	ss.decide(e.Item, e.Time, DecisionMergeFailed, because("Did not merge", e.Detail))
}

func (ss *session) itemDequeued(e scheduler.ItemDequeued) {
	r := ss.item(e.Item)
	if r == nil {
		return
	}
	ss.cancel(e.Canceled, e.Reason, e.Time)
	result := e.Result
	if result == "" {
		result = r.v.outcome
	}
	ss.conclude(r.v, e.Buildset, result, e.Message, e.Time)
	r.v.Result, r.v.DequeuedAt = result, e.Time
	r.v.jobs, r.v.failed = nil, nil
	changed(&ss.items, r)
	ss.decide(e.Item, e.Time, DecisionDequeued, dequeuedText(r.v.Pipeline, result, e.Reason))
}

// conclude gives a buildset result and message, as far as they are not empty.
// A buildset without jobs gets its row now, unless having none is its result.
func (ss *session) conclude(i *itemRow, id scheduler.BuildsetID, result scheduler.Result, message string, at time.Time) {
	if id == "" {
		return
	}
	b := ss.buildset(id)
	if b == nil {
		if result == "" || result == scheduler.ResultNoJobs {
			return
		}
		b = ss.beginBuildset(i, id, at)
	}
	if result != "" {
		b.v.Result = result
	}
	if message != "" {
		b.v.Message = message
	}
	changed(&ss.buildsets, b)
}
