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

// needs returns what a change needs and is not merged, those of its topic last
// where the queue of its project asks for that.
func (t *turn) needs(p *Pipeline, k ChangeKey) []Need {
	c := t.s.Changes[k]
	if c == nil || p.Config.IgnoreDependencies {
		return nil
	}
	var out []Need
	unmerged := func(n Need) {
		if d := t.s.Changes[n.Change]; d == nil || !d.Merged {
			out = append(out, n)
		}
	}
	for _, n := range c.Needs {
		unmerged(n)
	}
	if t.s.Layout.Projects[c.Project].DependenciesByTopic {
		for _, n := range t.s.topicNeeds(c) {
			unmerged(n)
		}
	}
	return out
}

// mergeable reports whether the source would merge the change once the
// pipeline has set its own labels.
func (t *turn) mergeable(p *Pipeline, r Ref) bool {
	c := t.s.Changes[r.Key()]
	if c == nil || !c.Open || c.Merged || c.Blocked || c.Patchset != r.Patchset {
		return false
	}
	for _, label := range c.MissingLabels {
		if !p.Config.sets(label) {
			return false
		}
	}
	return true
}

// sets reports whether a success reporter of the pipeline votes on the label.
func (p *PipelineConfig) sets(label string) bool {
	return slices.ContainsFunc(p.Reporters[ActionSuccess], func(r Reporter) bool {
		_, ok := r.Votes[label]
		return ok
	})
}

// addAhead enqueues what the refs need in front of them. It reports whether
// everything needed is there; warning says why not, if people shall know.
func (t *turn) addAhead(p *Pipeline, e enqueueing) (warning string, ok bool) {
	if !p.Config.wantsNeeds() {
		return "", true
	}
	for _, r := range e.refs {
		if !r.IsChange() {
			continue
		}
		for _, n := range t.needs(p, r.Key()) {
			if p.Config.merges() {
				warning, ok = t.addNeeded(p, e, r, n)
			} else {
				warning, ok = t.addNonLive(p, e, n)
			}
			if !ok {
				return warning, false
			}
		}
	}
	return "", true
}

// within reports whether what is needed comes in with e itself, or is on its
// way in on whose behalf e is: an older patchset can need its own change.
func (e enqueueing) within(n Need) bool {
	return slices.ContainsFunc(e.refs, func(r Ref) bool { return r.IsChange() && r.Key() == n.Change }) ||
		slices.Contains(e.history, n.Change)
}

// addNeeded makes sure that what r needs is ahead in a dependent queue.
func (t *turn) addNeeded(p *Pipeline, e enqueueing, r Ref, n Need) (warning string, ok bool) {
	if ahead := t.itemIn(e.queue, n.Change); ahead != nil && t.satisfies(ahead, n) {
		return "", true
	}
	c := t.s.Changes[n.Change]
	if c == nil {
		return unknownNeed(r), false
	}
	if !t.sharesQueue(p, e.queue, c.Ref) {
		return fmt.Sprintf("Change %s in project %s does not share a change queue with %s in project %s",
			c.URL, c.Name, r.URL, r.Name), false
	}
	if e.within(n) {
		return "", true
	}
	if (n.Patchset != 0 && n.Patchset != c.Patchset) || !t.mergeable(p, c.Ref) {
		return "", false
	}
	return t.addDerived(p, e.derived(c.Ref, e.queue, true, "needed by "+e.ref.ID()))
}

// addNonLive puts a needed change ahead of the one that is tested, to be
// merged into its state but not to be tested itself.
func (t *turn) addNonLive(p *Pipeline, e enqueueing, n Need) (warning string, ok bool) {
	if e.within(n) || slices.ContainsFunc(t.s.holding[n.Change], func(it *Item) bool {
		return it.Queue == e.queue && t.satisfies(it, n)
	}) {
		return "", true
	}
	c := t.s.Changes[n.Change]
	if c == nil {
		return unknownNeed(e.ref), false
	}
	return t.addDerived(p, e.derived(n.ref(c), e.queue, false, "needed by "+e.ref.ID()))
}

func unknownNeed(ref Ref) string {
	return fmt.Sprintf("Change %s depends on a change that is not known here", ref.URL)
}

// ref is what n needs of c: a git parent names a patchset, perhaps not the
// newest, a Depends-On line means whichever is current.
func (n Need) ref(c *Change) Ref {
	if n.Patchset == 0 {
		return c.Ref
	}
	return c.atPatchset(n.Patchset)
}

// satisfies reports whether the item holds the patchset that n needs.
func (t *turn) satisfies(it *Item, n Need) bool {
	c := t.s.Changes[n.Change]
	if c == nil {
		return it.holds(n.Change)
	}
	return it.holdsRef(n.ref(c))
}

// itemIn returns the item of a queue that holds the change, or nil.
func (t *turn) itemIn(q *Queue, k ChangeKey) *Item {
	for _, it := range t.s.holding[k] {
		if it.Queue == q {
			return it
		}
	}
	return nil
}

// addBehind enqueues changes that wait for this one. The change on whose behalf
// it is here is one of them: it takes its place among its siblings, so that the
// order of a tree does not depend on which of its changes came first.
func (t *turn) addBehind(p *Pipeline, it *Item, e enqueueing) {
	for _, r := range it.Refs {
		if !r.IsChange() {
			continue
		}
		for _, k := range slices.Clone(t.s.dependents[r.Key()]) {
			c := t.s.Changes[k]
			if c == nil || c.Merged || t.itemIn(it.Queue, k) != nil {
				continue
			}
			if t.mergeable(p, c.Ref) && t.sharesQueue(p, it.Queue, c.Ref) {
				t.add(p, e.derived(c.Ref, it.Queue, true, "needs "+r.ID()))
			}
		}
	}
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
