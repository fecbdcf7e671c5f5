package scheduler

import (
	"fmt"
	"strings"
)

// unmet says what requirement the item no longer satisfies. Only a dependent
// pipeline merges, so only there must the source be ready to; what a change
// needs must be ahead of it everywhere.
func (t *turn) unmet(it *Item) string {
	p := it.Queue.Pipeline
	var missing []string
	for _, r := range it.Refs {
		if !r.IsChange() {
			continue
		}
		if p.Config.merges() && !t.mergeable(p, r) && !(len(it.Refs) > 1 && t.merged(r)) {
			if len(it.Refs) > 1 {
				return "These changes are unable to merge due to a missing merge requirement."
			}
			return "This change is unable to merge due to a missing merge requirement."
		}
		for _, n := range t.needs(p, r.Key()) {
			if p.Config.wantsNeeds() && !t.isAhead(it, n) {
				missing = append(missing, t.urlOf(n.Change))
			}
		}
	}
	lost := unmetNeed
	if len(it.Refs) > 1 {
		lost = "These changes depend on a change that failed to merge."
	}
	switch len(missing) {
	case 0:
		return ""
	case 1:
		return lost + "\n\nChange " + missing[0] + " is needed."
	}
	return lost + "\n\nChanges " + strings.Join(missing, ", ") + " are needed."
}

const unmetNeed = "This change depends on a change that failed to merge."

func (t *turn) urlOf(k ChangeKey) string {
	if c := t.s.Changes[k]; c != nil && c.URL != "" {
		return c.URL
	}
	return k.String()
}

// String names the change where nothing else is known of it.
func (k ChangeKey) String() string { return fmt.Sprintf("%d of %s", k.Number, k.Project) }

// isAhead reports whether the needed change stands in front of the item.
func (t *turn) isAhead(it *Item, n Need) bool {
	for _, x := range t.s.holding[n.Change] {
		if x.Queue == it.Queue && (x == it || x.ordinal < it.ordinal) && t.satisfies(x, n) {
			return true
		}
	}
	return false
}

// neededIsFailing reports whether an item that holds a needed change is failing.
func (t *turn) neededIsFailing(it *Item) bool {
	for _, r := range it.Refs {
		if !r.IsChange() {
			continue
		}
		for _, n := range t.needs(it.Queue.Pipeline, r.Key()) {
			if x := t.itemIn(it.Queue, n.Change); x != nil && x != it && len(x.Failing) > 0 {
				return true
			}
		}
	}
	return false
}
