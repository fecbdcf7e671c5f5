package scheduler

import (
	"fmt"
	"slices"
	"strings"
)

// Reasons why an item can't succeed, as Zuul's API words them.
const (
	failingNeeded   = "a needed change is failing"
	failingConflict = "it has a merge conflict"
	failingConfig   = "it has an invalid configuration"
	failingJob      = "at least one job failed"
	failingMerge    = "it did not merge"
)

// process is the queue processor for one item (Zuul semantics, section 3.3).
// Zuul visits every item of every queue after each event; here only marked
// items are visited, and what a visit changes marks its neighbours, so that
// the same fixpoint is reached at a cost that follows the change.
func (t *turn) process(it *Item) {
	if it.Report != "" { // its final report decides what follows
		return
	}
	if t.s.Layout.Pipeline(it.Queue.Pipeline.Config.Name) == nil {
		t.remove(it, "the pipeline was removed from the configuration")
		return
	}
	if it.Live && slices.ContainsFunc(it.Refs, t.unknownProject) {
		t.remove(it, "the project was removed from the tenant")
		return
	}
	if !it.Live && len(it.Behind) == 0 {
		t.remove(it, "nothing behind it is tested")
		return
	}
	if t.tooManyNeeds(it) {
		t.remove(it, fmt.Sprintf("it needs more than %d other changes now", t.s.Layout.MaxDependencies))
		return
	}
	if t.cycleChanged(it) {
		t.remove(it, "its dependency cycle changed")
		if it.Live {
			t.reenqueue(it, it.Refs, "its dependency cycle changed")
		}
		return
	}
	if message := t.unmet(it); message != "" {
		t.dequeueUnmet(it, message)
		return
	}
	if it.Queue.Pipeline.Config.Manager == Dependent && t.neededIsFailing(it) {
		t.cancelBuilds(it, failingNeeded)
		t.setFailing(it, failingNeeded)
	} else {
		t.advance(it)
	}
	t.reportIfDone(it)
}

func (t *turn) unknownProject(r Ref) bool {
	_, ok := t.s.Layout.Projects[r.Project]
	return !ok
}

// advance re-bases the item if it must, and moves its buildset on.
func (t *turn) advance(it *Item) {
	if nnfi := it.nearestNonFailing(); it.liveAhead() != nnfi {
		t.move(it, nnfi)
	}
	if it.Buildset == nil && it.Active() {
		t.prepare(it)
	}
	b := it.Buildset
	if b == nil || !b.Prepared {
		t.setFailing(it)
		return
	}
	if b.ready() && it.Live {
		t.reportStart(it)
		t.servePlaybooks(it)
		t.launch(it)
		t.returnUnused(it, it.Active() && !it.Ahead.holdsFollowing())
	}
	t.setFailing(it, b.failing()...)
}

// failing lists the reasons that the buildset itself gives.
func (b *Buildset) failing() []string {
	switch {
	case b.Conflict:
		return []string{failingConflict}
	case len(b.ConfigErrors) > 0:
		return []string{failingConfig}
	}
	for _, r := range b.Jobs {
		if r.Job.Voting && (r.failed() || r.failing()) {
			return []string{failingJob}
		}
	}
	return nil
}

func (t *turn) setFailing(it *Item, reasons ...string) {
	if !slices.Equal(it.Failing, reasons) {
		e := ItemFailing{Item: it.ID, Reasons: reasons}
		if slices.Contains(reasons, failingNeeded) {
			e.Blame = t.blame(t.failingNeed(it))
		}
		t.emit(e)
	}
}

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

// prepare starts a buildset once the state that it builds on is known.
func (t *turn) prepare(it *Item) {
	base := it.Ahead
	if base != nil && (base.Buildset == nil || !base.Buildset.Prepared) {
		return
	}
	id := BuildsetID(t.ids.next())
	e := PrepareRequested{Item: it.ID, Buildset: id, Time: t.m.Time, Position: it.Position()}
	if base != nil {
		e.Ahead = base.ID
	}
	t.emit(e)
	if base == nil || base.Buildset.ready() {
		return
	}
	// Only non-live items can be ahead and broken: live ones are failing, and
	// nothing stays behind a failing item.
	broken := ItemPrepared{Item: it.ID, Buildset: id, InPipeline: true, Time: t.m.Time}
	if base.Buildset.Conflict {
		broken.Conflict, broken.Detail = true, base.Buildset.Detail
	} else {
		broken.ConfigErrors = []string{"This change depends on a change with an invalid configuration."}
	}
	t.emit(broken)
}

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
