package scheduler

import (
	"reflect"
	"slices"
)

// handle works off the oldest entry of the inbox.
func (t *turn) handle(e InboxEntry) {
	var id EventID
	switch {
	case e.Trigger != nil && t.s.Control.TriggerDiscarding:
		t.emit(TriggerDiscarded{ID: e.Trigger.ID, Reason: t.s.Control.Reason, Time: t.m.Time})
		return
	case e.Trigger != nil:
		id = e.Trigger.ID
		t.trigger(e.Trigger)
	case e.Enqueue != nil:
		id = e.Enqueue.ID
		t.enqueueCommand(e.Enqueue)
	case e.Dequeue != nil:
		id = e.Dequeue.ID
		t.dequeueCommand(e.Dequeue)
	case e.Promote != nil:
		id = e.Promote.ID
		t.promoteCommand(e.Promote)
	}
	t.emit(TriggerHandled{ID: id})
}

// learn records the facts that came with a command, where they are news. They
// may be older than what is known: a merge is final and stays.
func (t *turn) learn(changes []Change) {
	for _, c := range changes {
		old := t.s.Changes[c.Key()]
		if old != nil && old.Merged && !c.Merged {
			continue
		}
		if old == nil || !reflect.DeepEqual(*old, c) {
			t.emit(ChangeUpdated{Change: c})
		}
	}
}

// trigger shows an event to every pipeline (Zuul semantics, section 1.5).
func (t *turn) trigger(e *TriggerEvent) {
	t.learn(e.Changes)
	for _, p := range slices.Clone(t.s.Pipelines) {
		if t.s.Layout.Pipeline(p.Config.Name) == nil {
			continue
		}
		if e.NewPatchset && p.Config.DequeueOnNewPatchset {
			t.removeOldPatchsets(p, e.Ref)
		}
		if e.Abandoned {
			t.removeAbandoned(p, e.Ref)
		}
		if !t.triggers(p.Config, e) {
			continue
		}
		t.add(p, enqueueing{ref: e.Ref, live: true, event: e.ID, eventTime: e.Time, data: e.Data, cause: e.Type})
	}
}

// removeOldPatchsets dequeues live items with an older patchset of the change.
func (t *turn) removeOldPatchsets(p *Pipeline, ref Ref) {
	for _, it := range slices.Clone(t.s.holding[ref.Key()]) {
		if it.Queue.Pipeline == p && it.removable() && !it.holdsRef(ref) {
			t.remove(it, "a new patchset arrived")
			t.reenqueue(it, slices.DeleteFunc(slices.Clone(it.Refs), func(r Ref) bool { return r.Key() == ref.Key() }),
				"a member of its dependency cycle got a new patchset")
		}
	}
}

func (t *turn) removeAbandoned(p *Pipeline, ref Ref) {
	for _, it := range slices.Clone(t.s.holding[ref.Key()]) {
		switch {
		case it.Queue.Pipeline != p || !it.removable():
		case len(it.Refs) > 1:
			t.abandonCycle(it, ref)
		default:
			t.remove(it, "the change was abandoned")
		}
	}
}

// triggers reports whether one of the pipeline's filters matches the event.
func (t *turn) triggers(p *PipelineConfig, e *TriggerEvent) bool {
	if e.Target != "" {
		return e.Target == p.Name
	}
	change := t.s.Changes[e.Ref.Key()]
	for i := range p.Triggers {
		if p.Triggers[i].matches(e, change) {
			return true
		}
	}
	return false
}

func (f *EventFilter) matches(e *TriggerEvent, c *Change) bool {
	text := func(ps []Pattern, s string) bool { return len(ps) == 0 || matchAny(ps, s) }
	switch {
	case f.Connection != e.Connection:
		return false
	case !text(f.Types, e.Type), !text(f.Usernames, e.Username), !text(f.Emails, e.Email):
		return false
	case len(f.Pipelines) > 0 && !matchAny(f.Pipelines, string(e.Pipeline)):
		return false
	case len(f.Branches) > 0 && (e.Ref.Branch == "" || !matchAny(f.Branches, e.Ref.Branch)):
		return false
	case len(f.Refs) > 0 && (e.Ref.IsChange() || !matchAny(f.Refs, e.Ref.Ref)):
		return false
	case len(f.Comments) > 0 && !slices.ContainsFunc(f.Comments, func(p Pattern) bool { return p.Search(e.Comment) }):
		return false
	case f.IgnoreDeletes && e.BranchDeleted:
		return false
	case !votesMatch(f.Approvals, e.Votes):
		return false
	case len(f.RequireApprovals) > 0 && (c == nil || !votesMatch(f.RequireApprovals, c.Votes)):
		return false
	}
	return true
}

// votesMatch reports whether every wanted vote is there.
func votesMatch(wanted []LabelVote, votes []Vote) bool {
	for i := range wanted {
		if !slices.ContainsFunc(votes, wanted[i].match) {
			return false
		}
	}
	return true
}

func (l *LabelVote) match(v Vote) bool {
	return v.Label == l.Label &&
		(len(l.Values) == 0 || slices.Contains(l.Values, v.Value)) &&
		(len(l.Username) == 0 || matchAny(l.Username, v.Username)) &&
		(len(l.Email) == 0 || matchAny(l.Email, v.Email))
}

// meets reports whether a change or ref satisfies the pipeline's require and
// reject filters of its connection.
func (t *turn) meets(p *PipelineConfig, r Ref) bool {
	for i := range p.Require {
		if p.Require[i].Connection == r.Connection && !t.filterMatches(&p.Require[i], r) {
			return false
		}
	}
	for i := range p.Reject {
		if p.Reject[i].Connection == r.Connection && t.filterMatches(&p.Reject[i], r) {
			return false
		}
	}
	return true
}

func (t *turn) filterMatches(f *RefFilter, r Ref) bool {
	c := t.s.Changes[r.Key()]
	if !r.IsChange() || c == nil {
		return f.Open == nil && f.CurrentPatchset == nil && len(f.Approvals) == 0
	}
	if f.Open != nil && *f.Open != c.Open {
		return false
	}
	if f.CurrentPatchset != nil && *f.CurrentPatchset != (c.Patchset == r.Patchset) {
		return false
	}
	return votesMatch(f.Approvals, c.Votes)
}
