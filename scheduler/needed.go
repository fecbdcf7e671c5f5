package scheduler

import (
	"fmt"
	"slices"
)

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
