package scheduler

import (
	"cmp"
	"slices"
)

// index is the item's position, 0 at the front.
func (q *Queue) index(it *Item) int {
	i, _ := slices.BinarySearchFunc(q.Items, it.ordinal, func(x *Item, o uint64) int {
		return cmp.Compare(x.ordinal, o)
	})
	return i
}

// take removes the i-th item. Most leave from the front, which costs nothing
// however long the queue is.
func (q *Queue) take(i int) {
	if i == 0 {
		q.Items[0] = nil
		q.Items = q.Items[1:]
		return
	}
	q.Items = slices.Delete(q.Items, i, i+1)
}

// Active reports whether the item is inside its queue's window: only active
// items are prepared and get builds.
func (it *Item) Active() bool {
	return it.Queue.Window == 0 || it.Queue.index(it) < it.Queue.Window
}

// tail is the last item, or nil.
func (q *Queue) tail() *Item {
	if len(q.Items) == 0 {
		return nil
	}
	return q.Items[len(q.Items)-1]
}

func (it *Item) holds(key ChangeKey) bool {
	for _, r := range it.Refs {
		if r.IsChange() && r.Key() == key {
			return true
		}
	}
	return false
}

// holdsRef reports whether the item tests exactly r.
func (it *Item) holdsRef(r Ref) bool {
	for _, own := range it.Refs {
		if sameRef(own, r) {
			return true
		}
	}
	return false
}

func sameRef(a, b Ref) bool {
	if a.Project != b.Project || a.IsChange() != b.IsChange() {
		return false
	}
	if a.IsChange() {
		return a.Number == b.Number && a.Patchset == b.Patchset
	}
	return a.Ref == b.Ref && a.NewRev == b.NewRev
}

// liveAhead is the item ahead, if it is live.
func (it *Item) liveAhead() *Item {
	if it.Ahead != nil && it.Ahead.Live {
		return it.Ahead
	}
	return nil
}

// nearestNonFailing walks towards the front to the next live item that can
// still succeed. It costs as many steps as there are failing items between.
func (it *Item) nearestNonFailing() *Item {
	items := it.Queue.Items
	for i := it.Queue.index(it) - 1; i >= 0; i-- {
		if items[i].Live && len(items[i].Failing) == 0 {
			return items[i]
		}
	}
	return nil
}

// link puts it behind ahead, keeping Behind in queue order.
func (it *Item) link(ahead *Item) {
	it.Ahead = ahead
	if ahead == nil {
		return
	}
	i, _ := slices.BinarySearchFunc(ahead.Behind, it.ordinal, func(x *Item, o uint64) int {
		return cmp.Compare(x.ordinal, o)
	})
	ahead.Behind = slices.Insert(ahead.Behind, i, it)
}

func (it *Item) unlink() {
	if it.Ahead != nil {
		it.Ahead.Behind = without(it.Ahead.Behind, it)
		it.Ahead = nil
	}
}

// without removes one value, keeping the order.
func without[T comparable](list []T, v T) []T {
	if i := slices.Index(list, v); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// Result of the job: empty while it may still change.
func (r *JobRun) Result() Result {
	if r.Build == nil {
		return ""
	}
	return r.Build.Result
}

// Done reports whether the job has a final result.
func (r *JobRun) Done() bool { return r.Result() != "" }

// failed reports whether the job keeps its item from succeeding.
func (r *JobRun) failed() bool {
	switch r.Result() {
	case "", ResultSuccess, ResultSkipped:
		return false
	}
	return true
}

// failing reports whether the job's build will fail, while it still runs.
func (r *JobRun) failing() bool { return !r.Done() && r.Build != nil && r.Build.Failing }

// job returns the run of a job, or nil.
func (b *Buildset) job(key JobKey) *JobRun {
	for _, r := range b.Jobs {
		if r.Job.Key() == key {
			return r
		}
	}
	return nil
}

// done reports whether nothing of the buildset is still to come.
func (b *Buildset) done() bool {
	if !b.Prepared {
		return false
	}
	for _, r := range b.Jobs {
		if !r.Done() {
			return false
		}
	}
	return true
}

// ready reports whether jobs of the buildset may run.
func (b *Buildset) ready() bool {
	return b.Prepared && !b.Conflict && len(b.ConfigErrors) == 0
}
