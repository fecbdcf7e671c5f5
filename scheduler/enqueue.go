package scheduler

import (
	"fmt"
	"slices"
	"time"
)

// enqueueing is a ref on its way into a pipeline.
type enqueueing struct {
	ref Ref
	// refs are those that share the item: ref and the others of its cycle.
	refs []Ref
	// trigger is the ref whose event led here; zero means ref.
	trigger Ref
	live    bool
	// force leaves out the pipeline's requirements, as the enqueue command does.
	force bool
	quiet bool
	// queue is set when the ref must join a certain queue.
	queue     *Queue
	event     EventID
	eventTime time.Time
	// since holds when refs that come back were enqueued first.
	since map[Ref]time.Time
	data  []byte
	cause string
	// history holds the changes on whose behalf this one is added, the first
	// one asked for at the front.
	history []ChangeKey
}

// derived is the enqueueing of another change on behalf of e.
func (e enqueueing) derived(r Ref, q *Queue, live bool, cause string) enqueueing {
	e.history = slices.Clone(e.history)
	for _, own := range e.refs {
		e.history = append(e.history, own.Key())
	}
	if e.trigger.Project == "" {
		e.trigger = e.ref
	}
	e.ref, e.refs, e.queue, e.live, e.cause = r, nil, q, live, cause
	return e
}

// add enqueues a ref and what must be with it (Zuul semantics, "addChange").
// It reports whether the ref is in the pipeline afterwards.
func (t *turn) add(p *Pipeline, e enqueueing) bool {
	if e.live && t.isLive(p, e.ref) {
		return true
	}
	if !p.Config.AllowOtherConnections && !p.Config.mentions(e.ref.Connection) {
		return t.refuse(p, e, "the pipeline does not take changes of connection "+string(e.ref.Connection), false)
	}
	var needed int
	e.refs, needed = t.cycleOf(p, e.ref)
	if limit := t.s.Layout.MaxDependencies; limit > 0 && needed > limit {
		return t.refuse(p, e, fmt.Sprintf("the change needs more than %d others", limit), false)
	}
	if reason, report := t.unfit(p, e); reason != "" {
		return t.refuse(p, e, reason, report)
	}
	q := e.queue
	created := q == nil
	if created {
		q = t.queueFor(p, e.ref)
	}
	e.queue = q
	if warning, ok := t.addAhead(p, e); !ok {
		t.dropEmpty(q)
		return t.refuse(p, e, warning, warning != "")
	}
	if e.live && t.isLive(p, e.ref) {
		return true
	}
	it := t.append(q, e)
	if it.Live {
		t.reportPhase(it, ActionEnqueue)
		t.supersede(p, it)
	}
	if p.Config.merges() {
		t.addBehind(p, it, e)
	}
	t.announce(it)
	t.prune(q)
	return true
}

// unfit says why a ref can't enter at all; report tells whether the change
// shall hear of it.
func (t *turn) unfit(p *Pipeline, e enqueueing) (reason string, report bool) {
	for _, r := range e.refs {
		switch {
		case e.live && t.unknownProject(r):
			return "project " + r.Name + " is not in the tenant", false
		case r.IsChange() && t.s.Changes[r.Key()] == nil:
			return "nothing is known about the change", false
		case !e.force && !t.meets(p.Config, r):
			return refusedFilter + r.String(), false
		case p.Config.merges() && r.IsChange() && !t.mergeable(p, r):
			return r.String() + refusedMerge, false
		}
	}
	if len(e.refs) > 1 {
		if name := t.forbidsCycles(e.refs); name != "" {
			return fmt.Sprintf("Dependency cycle detected and project %s doesn't allow circular dependencies", name), true
		}
	}
	return t.tooMany(p, e), len(e.history) == 0
}

// mentions reports whether a trigger, requirement or reporter of the pipeline
// names the connection.
func (p *PipelineConfig) mentions(c ConnectionName) bool {
	if slices.ContainsFunc(p.Triggers, func(f EventFilter) bool { return f.Connection == c }) {
		return true
	}
	for _, fs := range [][]RefFilter{p.Require, p.Reject} {
		if slices.ContainsFunc(fs, func(f RefFilter) bool { return f.Connection == c }) {
			return true
		}
	}
	for _, rs := range p.Reporters {
		if slices.ContainsFunc(rs, func(r Reporter) bool { return r.Connection == c }) {
			return true
		}
	}
	return false
}

// isLive reports whether an equal ref is live anywhere in the pipeline.
func (t *turn) isLive(p *Pipeline, r Ref) bool {
	if r.IsChange() {
		return slices.ContainsFunc(t.s.holding[r.Key()], func(it *Item) bool {
			return it.Live && it.Queue.Pipeline == p && it.holdsRef(r)
		})
	}
	for _, q := range p.Queues {
		for _, it := range q.Items {
			if it.Live && it.holdsRef(r) {
				return true
			}
		}
	}
	return false
}

// append puts the item at the tail.
func (t *turn) append(q *Queue, e enqueueing) *Item {
	var ahead ItemID
	if tail := q.tail(); tail != nil {
		ahead = tail.ID
	}
	if e.trigger.Project == "" && !sameRef(e.ref, e.refs[0]) {
		e.trigger = e.ref // of a cycle the order of merging decides who is first
	}
	id := ItemID(t.ids.next())
	t.emit(ItemEnqueued{
		Item: id, Queue: q.ID, Pipeline: q.Pipeline.Config.Name, Refs: e.refs, Trigger: e.trigger, Live: e.live,
		Quiet: e.quiet || !e.live, Ahead: ahead, Event: e.event, EventTime: e.eventTime, Time: t.enqueuedAt(e),
		Cause: e.cause, Data: e.data,
	})
	return t.s.items[id]
}

// enqueuedAt is the time that an item shows as its start: now, unless it was
// here before.
func (t *turn) enqueuedAt(e enqueueing) time.Time {
	for _, r := range e.refs {
		if at, ok := e.since[r]; ok {
			return at
		}
	}
	return t.m.Time
}

// supersede takes the change out of the pipelines that this one supercedes.
func (t *turn) supersede(p *Pipeline, it *Item) {
	for _, name := range p.Config.Supercedes {
		other := t.s.Pipeline(name)
		if other == nil || other == p {
			continue
		}
		for _, r := range it.Refs {
			for _, x := range slices.Clone(t.s.holding[r.Key()]) {
				if x.removable() && x.Queue.Pipeline == other && x.holdsRef(r) {
					t.remove(x, "superceded by pipeline "+string(p.Config.Name))
				}
			}
		}
	}
}

// refuse records why a ref did not enter. With report the failure reporters
// hear it, when the project takes part in the pipeline.
func (t *turn) refuse(p *Pipeline, e enqueueing, reason string, report bool) bool {
	t.emit(EnqueueRefused{Pipeline: p.Config.Name, Ref: e.ref, Reason: reason, Event: e.event, Detail: t.lacks(p, e, reason)})
	if report && t.s.Layout.Projects[e.ref.Project].Pipelines[p.Config.Name] {
		t.reportRefusal(p, e.ref, reason)
	}
	return false
}
