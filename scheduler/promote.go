package scheduler

import (
	"container/heap"
	"slices"
	"time"
)

// promoteCommand moves items to the front of their queues, and those queues to
// the front of the pipeline (Zuul documentation, "Client: promote"). One change
// that is not there refuses the whole request: half an order helps nobody.
func (t *turn) promoteCommand(c *PromoteRefs) {
	p := t.s.Pipeline(c.Pipeline)
	if p == nil || t.s.Layout.Pipeline(c.Pipeline) == nil || len(c.Refs) == 0 {
		t.emit(CommandIgnored{Command: "PromoteRefs", Subject: string(c.Pipeline), Reason: "no such pipeline, or nothing to promote"})
		return
	}
	var queues []*Queue
	wanted := map[*Queue][]*Item{}
	for _, r := range c.Refs {
		it := p.liveItem(r)
		if it == nil {
			t.emit(CommandIgnored{Command: "PromoteRefs", Subject: r.ID(), Reason: "not in pipeline " + string(c.Pipeline)})
			return
		}
		if !slices.Contains(queues, it.Queue) {
			queues = append(queues, it.Queue)
		}
		if !slices.Contains(wanted[it.Queue], it) { // members of a cycle share it
			wanted[it.Queue] = append(wanted[it.Queue], it)
		}
	}
	// The queue that was named first is moved last, and so ends in front.
	for _, q := range slices.Backward(queues) {
		named := wanted[q][0].Refs[0]
		t.promote(q, wanted[q], promotedBy(c))
		// A dynamic queue that was emptied on the way is another one now.
		if it := p.liveItem(named); it != nil && it.Queue != p.Queues[0] {
			t.emit(QueuePromoted{Queue: it.Queue.ID, Pipeline: p.Config.Name})
		}
	}
}

func promotedBy(c *PromoteRefs) string {
	by := "promoted by " + c.Actor
	if c.Reason != "" {
		by += ": " + c.Reason
	}
	return by
}

// liveItem finds the live item of a change. Without a project the number
// and the patchset are enough, as in Zuul.
func (p *Pipeline) liveItem(want Ref) *Item {
	for _, q := range p.Queues {
		for _, it := range q.Items {
			if it.Live && slices.ContainsFunc(it.Refs, func(r Ref) bool {
				return r.IsChange() && (want.Project == "" || want.Project == r.Project) && r.Number == want.Number && r.Patchset == want.Patchset
			}) {
				return it
			}
		}
	}
	return nil
}

// promote lets the items lead their queue. What stands in the wanted order
// already stays with its builds; from the first difference on everything live
// leaves and comes back, so that what it needs is ahead of it again.
func (t *turn) promote(q *Queue, first []*Item, cause string) {
	var moved []*Item
	same := true
	for _, it := range q.Items {
		switch {
		case !it.Live: // goes by itself when nothing is behind it
			continue
		case same && len(first) > 0 && it == first[0]:
			first = first[1:]
			continue
		case it.Report != "": // the source is being told, and decides
			first = without(first, it)
			continue
		case !slices.Contains(first, it):
			moved = append(moved, it)
		}
		same = false
	}
	if same {
		return
	}
	back := append(slices.Clone(first), moved...)
	since := map[Ref]time.Time{}
	for _, it := range back {
		for _, r := range it.Refs {
			since[r] = it.EnqueuedAt
		}
	}
	p := q.Pipeline
	for _, it := range slices.Backward(slices.Clone(q.Items)) {
		if slices.Contains(back, it) {
			t.remove(it, cause)
		}
	}
	for _, it := range back {
		for _, r := range it.Refs {
			t.add(p, enqueueing{
				ref: r, live: true, force: true, quiet: true, since: since, trigger: it.Trigger,
				event: it.Event, eventTime: it.EventTime, data: it.Data, cause: cause,
			})
		}
	}
}

// queuePromoted puts a queue in front of the others of its pipeline: its items
// are looked at first, and so get semaphores first.
func (s *State) queuePromoted(e QueuePromoted) {
	q := s.queues[e.Queue]
	p := q.Pipeline
	ordinals := make([]uint64, len(p.Queues))
	for i, x := range p.Queues {
		ordinals[i] = x.ordinal
	}
	slices.Sort(ordinals)
	p.Queues = slices.Insert(without(p.Queues, q), 0, q)
	for i, x := range p.Queues {
		x.ordinal = ordinals[i]
	}
	for _, d := range s.dirty {
		d.queue = d.item.Queue.ordinal
	}
	heap.Init(&s.dirty)
}
