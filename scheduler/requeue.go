package scheduler

import (
	"slices"
	"time"
)

// A new layout can put projects into other queues. Items follow in their order
// and keep their builds, unless what they build on is no longer ahead of them
// (Zuul documentation, "Gating", and semantics, section 10).

// managers are the kinds of the pipelines before a layout is loaded.
func (s *State) managers() map[PipelineName]ManagerKind {
	out := make(map[PipelineName]ManagerKind, len(s.Pipelines))
	for _, p := range s.Pipelines {
		out[p.Config.Name] = p.Config.Manager
	}
	return out
}

// requeueAll fits items and queues to the layout that was just loaded.
func (t *turn) requeueAll(before map[PipelineName]ManagerKind) {
	for _, p := range t.s.Pipelines {
		if t.s.Layout.Pipeline(p.Config.Name) == nil {
			continue // settling empties it
		}
		if kind, known := before[p.Config.Name]; known && kind != p.Config.Manager {
			t.readd(p)
		} else if p.Config.sharesQueues() {
			t.requeue(p)
		}
		for _, q := range slices.Clone(p.Queues) {
			t.dropEmpty(q)
		}
	}
}

// requeue moves the items of a pipeline whose queue is another one now.
func (t *turn) requeue(p *Pipeline) {
	ahead := map[*Item]*Item{}
	for _, q := range p.Queues {
		for _, it := range q.Items {
			ahead[it] = it.Ahead
		}
	}
	for _, q := range slices.Clone(p.Queues) {
		for _, it := range slices.Clone(q.Items) {
			// Whatever is being reported leaves by itself, from where it is.
			if it.Report == "" && !t.fits(it) {
				t.moveTo(it, t.successor(q, it.Refs[0]), ahead[it])
			}
		}
	}
	for _, q := range p.Queues {
		for _, it := range q.Items {
			if was, known := ahead[it]; known && was != it.Ahead {
				t.reset(it, "the queues were configured anew")
			}
		}
	}
}

// fits reports whether the item is in the right queue. A dependency cycle may
// be in that of any of its changes.
func (t *turn) fits(it *Item) bool {
	p := it.Queue.Pipeline
	return !p.Config.sharesQueues() || slices.ContainsFunc(it.Refs, func(r Ref) bool { return it.Queue.takes(t.keyFor(p, r)) })
}

// relocate moves an item whose report kept it from following a new layout.
func (t *turn) relocate(it *Item) {
	if old := it.Queue; !t.fits(it) && t.s.Layout.Pipeline(old.Pipeline.Config.Name) != nil {
		t.moveTo(it, t.successor(old, it.Refs[0]), nil)
		t.dropEmpty(old)
	}
}

// takes reports whether refs of a key belong into the queue.
func (q *Queue) takes(k queueKey) bool {
	return q.Name == k.name && q.Branch == k.branch && q.Dynamic == k.dynamic
}

// successor is the queue that a ref of q belongs to now. A new one goes on with
// the window that q has won or lost.
func (t *turn) successor(q *Queue, r Ref) *Queue {
	p := q.Pipeline
	k := t.keyFor(p, r)
	if found := findQueue(p, k, r); found != nil {
		return found
	}
	created := t.queueFor(p, r)
	if c := p.Config.Window; p.Config.merges() && created.Window > 0 && q.Window > 0 && !c.fixed() {
		t.resize(created, max(q.Window, c.Floor), newLayout)
	}
	return created
}

// moveTo puts the item at the tail of another queue: behind the item that it
// was behind before, if that went the same way, else behind the nearest one
// that can succeed.
func (t *turn) moveTo(it *Item, q *Queue, was *Item) {
	e := ItemRequeued{Item: it.ID, Queue: q.ID, Pipeline: q.Pipeline.Config.Name, Reason: "the project is in another queue now"}
	switch {
	case was != nil && was.Queue == q:
		e.Ahead = was.ID
	default:
		for _, x := range slices.Backward(q.Items) {
			if x.Live && len(x.Failing) == 0 {
				e.Ahead = x.ID
				break
			}
		}
	}
	t.emit(e)
}

// itemRequeued takes the item out of one queue and puts it into another.
func (s *State) itemRequeued(e ItemRequeued) {
	it := s.items[e.Item]
	old := it.Queue
	ahead, behind := it.Ahead, slices.Clone(it.Behind)
	it.unlink()
	for _, b := range behind {
		b.Ahead = nil
		b.link(ahead)
		s.mark(b)
	}
	it.Behind = nil
	i := old.index(it)
	old.Items = slices.Delete(old.Items, i, i+1)
	s.markGap(old, i, len(it.Failing) > 0)
	q := s.queues[e.Queue]
	s.ordinal++
	it.countHolding(-1)
	it.ordinal, it.Queue = s.ordinal, q
	it.countHolding(1)
	q.Items = append(q.Items, it)
	it.link(s.items[e.Ahead])
	s.mark(it)
	s.markNeeding(it)
}

// readd takes everything live out of a pipeline that has another manager now
// and brings it back in its order, as promoting does.
func (t *turn) readd(p *Pipeline) {
	since := map[Ref]time.Time{}
	var out []*Item
	for _, q := range p.Queues {
		for _, it := range q.Items {
			if !it.removable() {
				continue
			}
			out = append(out, it)
			for _, r := range it.Refs {
				since[r] = it.EnqueuedAt
			}
		}
	}
	const reason = "the pipeline has another manager"
	for _, it := range slices.Backward(out) {
		t.remove(it, reason)
	}
	for _, it := range out {
		for _, r := range it.Refs {
			t.again = append(t.again, reenqueueing{p, enqueueing{
				ref: r, live: true, force: true, quiet: it.Quiet || it.StartReported, since: since, trigger: it.Trigger,
				event: it.Event, eventTime: it.EventTime, data: it.Data, cause: reason,
			}})
		}
	}
}

// unclaimed reports whether no project of the layout belongs into the queue.
func (t *turn) unclaimed(q *Queue) bool {
	p := q.Pipeline
	if !p.Config.sharesQueues() {
		return true
	}
	for name, project := range t.s.Layout.Projects {
		if !project.Pipelines[p.Config.Name] || project.QueuePerBranch != (q.Branch != "") {
			continue
		}
		if project.Queue == q.Name || project.Queue == "" && QueueName(name) == q.Name {
			return false
		}
	}
	return true
}
