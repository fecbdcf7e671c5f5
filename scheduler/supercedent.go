package scheduler

import "slices"

// supercedentQueue finds the queue of a ref in a supercedent pipeline: one for
// each project and branch, or ref where there is no branch (Zuul
// documentation, "Pipeline: manager: supercedent").
func supercedentQueue(p *Pipeline, r Ref) *Queue {
	for _, q := range p.Queues {
		if tail := q.tail(); tail != nil && sameTarget(tail.Refs[0], r) {
			return q
		}
	}
	return nil
}

// sameTarget reports whether two refs belong to one branch, tag or ref.
func sameTarget(a, b Ref) bool {
	if a.Project != b.Project {
		return false
	}
	return a.Branch != "" && a.Branch == b.Branch || a.Ref == b.Ref
}

// prune leaves the item that is being tested and the newest one: what came in
// between is superceded before it began.
func (t *turn) prune(q *Queue) {
	if q.Pipeline.Config.Manager != Supercedent || len(q.Items) < 3 {
		return
	}
	newest := q.tail().Refs[0].ID()
	for _, it := range slices.Clone(q.Items[1 : len(q.Items)-1]) {
		if it.removable() {
			t.remove(it, "superceded by "+newest)
		}
	}
}
