package store

import (
	"slices"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// project turns one event into rows. Rows depend on the events alone, in
// order; events about items that are not live leave none. Events that tell
// nothing about builds, buildsets or decisions are passed over.
func (ss *session) project(e scheduler.Event) {
	ss.system(e)
	switch e := e.(type) {
	case scheduler.EnqueueRefused:
		ss.enqueueRefused(e)
	case scheduler.ItemEnqueued:
		ss.itemEnqueued(e)
	case scheduler.ItemMoved:
		ss.itemMoved(e)
	case scheduler.ItemRequeued:
		ss.itemRequeued(e)
	case scheduler.PrepareRequested:
		if r := ss.item(e.Item); r != nil {
			r.v.buildset, r.v.jobs, r.v.failed = e.Buildset, nil, nil
			changed(&ss.items, r)
		}
	case scheduler.ItemPrepared:
		ss.itemPrepared(e)
	case scheduler.BuildsetReset:
		ss.buildsetReset(e)
	case scheduler.BuildsCanceled:
		ss.cancel(e.Canceled, e.Reason, e.Time)
		ss.decide(e.Item, e.Time, DecisionCanceled, e.Reason)
	case scheduler.ItemFailing:
		ss.itemFailing(e)
	case scheduler.BuildRequested:
		ss.buildRequested(e)
	case scheduler.BuildStarted:
		ss.buildStarted(e)
	case scheduler.BuildPaused:
		ss.buildPaused(e)
	case scheduler.JobsReset:
		ss.cancel(e.Builds, e.Reason, e.Time)
	case scheduler.BuildCompleted:
		ss.buildCompleted(e)
	case scheduler.BuildHeld:
		ss.buildHeld(e)
	case scheduler.JobSkipped:
		ss.jobSkipped(e)
	case scheduler.ReportRequested:
		ss.reportRequested(e)
	case scheduler.ReportCompleted:
		ss.reportCompleted(e)
	case scheduler.ItemDequeued:
		ss.itemDequeued(e)
	}
}

// decide adds to the history of an item.
func (ss *session) decide(item scheduler.ItemID, at time.Time, kind DecisionKind, text string) {
	r := ss.item(item)
	if r == nil {
		return
	}
	ss.record(tableDecisions, idKey(r.v.ID), at, kind, text)
}

// record stores a decision under prefix. Events without a time have their
// commit's.
func (ss *session) record(table string, prefix []byte, at time.Time, kind DecisionKind, text string) {
	if at.IsZero() {
		at = ss.commit.Time
	}
	key := ss.subKey(prefix)
	d := Decision{Seq: ss.commit.Seq, Time: at, Kind: kind, Text: text}
	if err := ss.table[table].Put(key, seal(table, key, encodeDecision(&d))); err != nil {
		ss.fail(err)
	}
}

func (ss *session) enqueueRefused(e scheduler.EnqueueRefused) {
	if !e.Ref.IsChange() {
		return
	}
	text := because("Did not enter "+string(e.Pipeline), e.Reason)
	ss.record(tableRefusals, []byte(changeTerm(e.Ref.Key())), time.Time{}, DecisionRefused, text)
}

func (ss *session) itemEnqueued(e scheduler.ItemEnqueued) {
	if !e.Live {
		return
	}
	ss.addItem(&itemRow{Item: Item{
		UUID:       e.Item,
		Pipeline:   e.Pipeline,
		Refs:       slices.Clone(e.Refs),
		Event:      e.Event,
		EventTime:  e.EventTime,
		Cause:      e.Cause,
		EnqueuedAt: e.Time,
	}, ahead: e.Ahead})
	ss.decide(e.Item, e.Time, DecisionEnqueued, enqueuedText(e.Pipeline, ss.present(e.Ahead), e.Cause))
}

// present finds an item that is still in its pipeline, or nil.
func (ss *session) present(id scheduler.ItemID) *itemRow {
	if id == "" {
		return nil
	}
	r := ss.item(id)
	if r == nil || !r.v.DequeuedAt.IsZero() {
		return nil
	}
	return r.v
}

func (ss *session) itemMoved(e scheduler.ItemMoved) {
	text := "Moved to the head of the queue"
	if ahead := ss.present(e.Ahead); ahead != nil {
		text = "Moved behind " + refNames(ahead.Refs)
	}
	if r := ss.item(e.Item); r != nil {
		r.v.ahead = e.Ahead
		changed(&ss.items, r)
	}
	ss.decide(e.Item, time.Time{}, DecisionMoved, because(text, e.Reason))
}

func (ss *session) itemRequeued(e scheduler.ItemRequeued) {
	text := "Moved to the head of another queue"
	if ahead := ss.present(e.Ahead); ahead != nil {
		text = "Moved to another queue, behind " + refNames(ahead.Refs)
	}
	if r := ss.item(e.Item); r != nil {
		r.v.ahead = e.Ahead
		changed(&ss.items, r)
	}
	ss.decide(e.Item, time.Time{}, DecisionMoved, because(text, e.Reason))
}

func (ss *session) itemFailing(e scheduler.ItemFailing) {
	r := ss.item(e.Item)
	if r == nil {
		return
	}
	if was := r.v.failing; was || len(e.Reasons) > 0 {
		r.v.failing = len(e.Reasons) > 0
		changed(&ss.items, r)
	}
	if len(e.Reasons) == 0 {
		ss.decide(e.Item, time.Time{}, DecisionRecovered, "Can succeed again")
		return
	}
	ss.decide(e.Item, time.Time{}, DecisionFailing, failingText(e.Reasons, r.v.failed))
}
