package schedtest

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// needs lists what a change needs by its lines, parents and topic.
func (n *naive) needs(c *scheduler.Change) []scheduler.Need {
	out := append([]scheduler.Need{}, c.Needs...)
	if c.Topic == "" || !n.s.Layout.Projects[c.Project].DependenciesByTopic {
		return out
	}
	for k, x := range n.s.Changes {
		if k != c.Key() && x.Connection == c.Connection && x.Topic == c.Topic {
			out = append(out, scheduler.Need{Change: k})
		}
	}
	return out
}

// reach marks every unmerged change that k leads to at its current patchset.
func (n *naive) reach(k scheduler.ChangeKey, seen map[scheduler.ChangeKey]bool) {
	c := n.s.Changes[k]
	if c == nil {
		return
	}
	for _, need := range n.needs(c) {
		d := n.s.Changes[need.Change]
		if d == nil || d.Merged || need.Patchset != 0 && need.Patchset != d.Patchset || seen[need.Change] {
			continue
		}
		seen[need.Change] = true
		n.reach(need.Change, seen)
	}
}

// cycle says whether the item holds the changes that need each other, and no
// others but merged ones.
func (n *naive) cycle(it *scheduler.Item) {
	open := max(0, slices.IndexFunc(it.Refs, func(r scheduler.Ref) bool {
		c := n.s.Changes[r.Key()]
		return c == nil || !c.Merged
	}))
	first := it.Refs[open].Key()
	if !it.Refs[0].IsChange() || it.Queue.Pipeline.Config.Manager == scheduler.Supercedent {
		return
	}
	held := map[scheduler.ChangeKey]bool{}
	for _, r := range it.Refs {
		held[r.Key()] = true
	}
	from := map[scheduler.ChangeKey]bool{}
	n.reach(first, from)
	for k := range from {
		back := map[scheduler.ChangeKey]bool{}
		n.reach(k, back)
		if k != first && back[first] != held[k] {
			n.differ(it, "change %d and its cycle do not belong together", k.Number)
		}
		delete(held, k)
	}
	for k := range held {
		if c := n.s.Changes[k]; k != first && (c == nil || !c.Merged) {
			n.differ(it, "change %d is not in its cycle", k.Number)
		}
	}
}
