package scheduler

import (
	"fmt"
	"slices"
)

// move is the gate reset: the item and all behind it are tested again on top
// of the nearest item that can still succeed.
func (t *turn) move(it *Item, ahead *Item) {
	reason := "nothing ahead of it is left"
	if it.Ahead != nil {
		reason = fmt.Sprintf("%s ahead of it can't succeed", it.Ahead.Refs[0].ID())
		if len(it.Ahead.Failing) == 0 {
			reason = "the order ahead of it changed"
		}
	}
	e := ItemMoved{Item: it.ID, Reason: reason, Blame: t.blame(it.Ahead)}
	if ahead != nil {
		e.Ahead = ahead.ID
	}
	t.reset(it, reason)
	t.emit(e)
}

// reset throws away the buildsets of an item and of everything behind it.
// Behind an item without buildset there is none: states build on each other.
func (t *turn) reset(it *Item, reason string) {
	t.resetFor(it, reason, t.blame(it.Ahead))
}

// resetFor is reset with the item that is to blame.
func (t *turn) resetFor(it *Item, reason string, who Blame) {
	if it.Buildset == nil {
		return
	}
	reported := it.Report != ""
	canceled, running := it.Buildset.open()
	t.emit(BuildsetReset{
		Item: it.ID, Buildset: it.Buildset.ID, Canceled: canceled, Running: running, Reason: reason, Time: t.m.Time,
		Blame: who,
	})
	for _, b := range slices.Clone(it.Behind) {
		t.resetFor(b, reason, who)
	}
	if reported {
		t.relocate(it)
	}
}

// open lists the builds without result; running those of them that left for
// an executor.
func (b *Buildset) open() (canceled, running []BuildID) {
	if b == nil {
		return nil, nil
	}
	for _, r := range b.Jobs {
		if r.Build != nil && r.Build.Result == "" {
			canceled = append(canceled, r.Build.ID)
			if !r.Job.Noop() {
				running = append(running, r.Build.ID)
			}
		}
	}
	return canceled, running
}

// cancelBuilds stops what runs for the item but keeps its buildset.
func (t *turn) cancelBuilds(it *Item, reason string) {
	t.giveBack(it, reason)
	canceled, running := it.Buildset.open()
	if len(canceled) == 0 {
		return
	}
	e := BuildsCanceled{
		Item: it.ID, Buildset: it.Buildset.ID, Canceled: canceled, Running: running, Reason: reason, Time: t.m.Time,
	}
	if reason == failingNeeded {
		e.Blame = t.blame(t.failingNeed(it))
	}
	t.emit(e)
}
