package scheduler

import "fmt"

// tooMany says when the pipeline would hold more changes than the tenant allows,
// those counted on whose behalf these are added.
func (t *turn) tooMany(p *Pipeline, e enqueueing) string {
	n, limit := len(e.history)+len(e.refs), t.s.Layout.MaxChanges
	switch {
	case limit == 0:
		return ""
	case n > limit:
		return fmt.Sprintf("Unable to enqueue change: %d changes to enqueue greater than pipeline max of %d", n, limit)
	case n+p.refs() > limit:
		return fmt.Sprintf("Unable to enqueue change: %d additional changes would exceed pipeline max of %d under current conditions", n, limit)
	}
	return ""
}

// refs counts the changes in the pipeline, live or not.
func (p *Pipeline) refs() int {
	n := 0
	for _, q := range p.Queues {
		for _, it := range q.Items {
			n += len(it.Refs)
		}
	}
	return n
}

// addDerived adds a needed change. That there would be too many is told to the
// change that brings it, as in Zuul.
func (t *turn) addDerived(p *Pipeline, e enqueueing) (warning string, ok bool) {
	if t.s.Layout.MaxChanges > 0 && !(e.live && t.isLive(p, e.ref)) {
		e.refs, _ = t.cycleOf(p, e.ref)
		if warning = t.tooMany(p, e); warning != "" {
			return warning, false
		}
	}
	return "", t.add(p, e)
}

// tooManyNeeds reports whether an item has come to need more changes than the
// tenant allows (Zuul documentation, "Tenant: max-dependencies"). It looks
// again only after facts about some change are new.
func (t *turn) tooManyNeeds(it *Item) bool {
	limit := t.s.Layout.MaxDependencies
	if limit == 0 || it.cycleAt == t.s.facts {
		return false
	}
	for _, r := range it.Refs {
		if _, needed := t.cycleOf(it.Queue.Pipeline, r); needed > limit {
			return true
		}
	}
	return false
}

// markDependents marks what needs a change, and what needs that: where the
// number of needed changes is limited, all of them count.
func (s *State) markDependents(k ChangeKey) {
	if s.Layout == nil || s.Layout.MaxDependencies == 0 {
		return
	}
	seen := map[ChangeKey]bool{k: true}
	for next := []ChangeKey{k}; len(next) > 0; next = next[1:] {
		for _, it := range s.holding[next[0]] {
			s.mark(it)
		}
		for _, d := range s.dependents[next[0]] {
			if !seen[d] {
				seen[d] = true
				next = append(next, d)
			}
		}
	}
}
