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
