package schedtest

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// openChanges answers as a source that lists what is open in a project.
func (w *World) openChanges(e scheduler.FindOpenChanges) scheduler.Command {
	c := scheduler.FoundOpenChanges{Report: e.Report}
	for _, x := range w.sorted() {
		if !x.Open || !slices.Contains(e.Projects, x.Project) {
			continue
		}
		c.Open = append(c.Open, x.Key())
		for _, f := range w.Closure(x.Key()) {
			if !slices.ContainsFunc(c.Changes, func(y scheduler.Change) bool { return y.Key() == f.Key() }) {
				c.Changes = append(c.Changes, f)
			}
		}
	}
	return c
}

// internalTriggers lets the standard pipelines trigger each other in random
// histories: check tests again what depends on what it got, and all that is
// open in a project in which something merged.
func internalTriggers(l *scheduler.Layout) {
	check := l.Pipeline("check")
	check.Triggers = append(slices.Clone(check.Triggers),
		scheduler.EventFilter{Connection: scheduler.ZuulConnection, Types: patterns(scheduler.EventParentEnqueued), Pipelines: patterns("gate")},
		scheduler.EventFilter{Connection: scheduler.ZuulConnection, Types: patterns(scheduler.EventProjectMerged)})
}

// tooMany says whether an item needs more than the tenant allows, counted without
// regard to how it came to that.
func (n *naive) tooMany(q *scheduler.Queue, it *scheduler.Item) {
	limit := n.s.Layout.MaxDependencies
	if limit == 0 || q.Pipeline.Config.IgnoreDependencies {
		return
	}
	for _, r := range it.Refs {
		seen := map[scheduler.ChangeKey]bool{}
		if r.IsChange() {
			n.reach(r.Key(), seen)
			delete(seen, r.Key())
		}
		if len(seen) > limit {
			n.differ(it, "needs %d other changes", len(seen))
		}
	}
}
