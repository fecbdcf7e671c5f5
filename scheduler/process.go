package scheduler

import (
	"fmt"
	"slices"
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
