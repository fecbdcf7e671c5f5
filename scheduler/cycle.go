package scheduler

import "slices"

// cycleOf returns the refs that must share an item with r, r among them, in
// the order in which they merge, and how many changes r needs in all (Zuul
// documentation, "Gating: Cyclic dependencies"). Mostly that is r alone.
func (t *turn) cycleOf(p *Pipeline, r Ref) (refs []Ref, needed int) {
	if !r.IsChange() || len(t.needs(p, r.Key())) == 0 {
		return []Ref{r}, 0
	}
	w := &walk{t: t, p: p, found: map[ChangeKey]*visit{}}
	w.visit(r.Key())
	if len(w.component) < 2 || !p.Config.formsCycles() {
		return []Ref{r}, len(w.found) - 1
	}
	for _, k := range t.parentsFirst(w.component) {
		if k == r.Key() {
			refs = append(refs, r)
		} else {
			refs = append(refs, t.s.Changes[k].Ref)
		}
	}
	return refs, len(w.found) - 1
}

// walk finds strongly connected components as Tarjan does: the changes that
// need each other.
type walk struct {
	t     *turn
	p     *Pipeline
	found map[ChangeKey]*visit
	stack []ChangeKey
	// component is the one completed last: in the end that of the start.
	component []ChangeKey
}

// visit is what the walk knows of a change: the order of its discovery and the
// earliest one that it leads back to.
type visit struct {
	index, low int
	open       bool // its component is not complete
}

func (w *walk) visit(k ChangeKey) *visit {
	v := &visit{index: len(w.found), low: len(w.found), open: true}
	w.found[k] = v
	w.stack = append(w.stack, k)
	for _, n := range w.t.needs(w.p, k) {
		// A parent at an older patchset is another commit than the change has
		// now: it does not lead back to it.
		if c := w.t.s.Changes[n.Change]; c == nil || n.Patchset != 0 && n.Patchset != c.Patchset {
			continue
		}
		switch x := w.found[n.Change]; {
		case x == nil:
			v.low = min(v.low, w.visit(n.Change).low)
		case x.open:
			v.low = min(v.low, x.index)
		}
	}
	if v.low == v.index {
		i := slices.Index(w.stack, k)
		w.component = slices.Clone(w.stack[i:])
		slices.Reverse(w.component) // what is needed was found later
		w.stack = w.stack[:i]
		for _, k := range w.component {
			w.found[k].open = false
		}
	}
	return v
}

// parentsFirst orders the changes of a cycle so that git parents come before
// their children: only so can they be merged one by one.
func (t *turn) parentsFirst(cycle []ChangeKey) []ChangeKey {
	var out []ChangeKey
	seen := map[ChangeKey]bool{}
	var place func(ChangeKey)
	place = func(k ChangeKey) {
		if seen[k] || !slices.Contains(cycle, k) {
			return
		}
		seen[k] = true
		for _, n := range t.s.Changes[k].Needs {
			if n.Parent {
				place(n.Change)
			}
		}
		out = append(out, k)
	}
	for _, k := range cycle {
		place(k)
	}
	return out
}

// forbidsCycles names the first project among the refs whose queue takes no
// circular dependencies, or "".
func (t *turn) forbidsCycles(refs []Ref) string {
	for _, r := range refs {
		if !t.s.Layout.Projects[r.Project].AllowCircularDependencies {
			return r.Name
		}
	}
	return ""
}

// cycleChanged reports whether the changes that must share an item are no
// longer those that the item holds. Members that have merged meanwhile are no
// difference. It looks again only after facts about some change are new.
func (t *turn) cycleChanged(it *Item) bool {
	if !it.Refs[0].IsChange() || it.cycleAt == t.s.facts {
		return false
	}
	it.cycleAt = t.s.facts
	from := max(0, slices.IndexFunc(it.Refs, func(r Ref) bool { return !t.merged(r) }))
	now, _ := t.cycleOf(it.Queue.Pipeline, it.Refs[from])
	for _, r := range now {
		if !it.holds(r.Key()) {
			return true
		}
	}
	for _, r := range it.Refs {
		if !slices.ContainsFunc(now, func(x Ref) bool { return x.Key() == r.Key() }) && !t.merged(r) {
			return true
		}
	}
	return false
}

func (t *turn) merged(r Ref) bool {
	c := t.s.Changes[r.Key()]
	return c != nil && c.Merged
}

// reenqueueing is a ref that comes back into a pipeline in the turn that took
// its item out.
type reenqueueing struct {
	pipeline *Pipeline
	enqueueing
}

// reenqueue brings refs of an item that was taken out back, each with the cycle
// that it has now. The cause and the ref that triggered stay those of the item.
func (t *turn) reenqueue(it *Item, refs []Ref, cause string) {
	for _, r := range refs {
		t.again = append(t.again, reenqueueing{it.Queue.Pipeline, enqueueing{
			ref: r, live: true, force: true, quiet: it.Quiet, trigger: it.Trigger,
			event: it.Event, eventTime: it.EventTime, data: it.Data, cause: cause,
		}})
	}
}

// abandonCycle ends an item that lost a member of its cycle for good.
func (t *turn) abandonCycle(it *Item, r Ref) {
	t.dequeueUnmet(it, "Dependency cycle change "+r.URL+" abandoned.")
}
