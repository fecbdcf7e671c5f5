package scheduler

import "slices"

func (s *State) queueCreated(e QueueCreated) {
	p := s.Pipeline(e.Pipeline)
	s.ordinal++
	q := &Queue{ID: e.Queue, Pipeline: p, Name: e.Name, Branch: e.Branch, Dynamic: e.Dynamic, Window: e.Window, ordinal: s.ordinal}
	p.Queues = append(p.Queues, q)
	s.queues[q.ID] = q
}

func (s *State) queueDeleted(e QueueDeleted) {
	q := s.queues[e.Queue]
	p := q.Pipeline
	p.Queues = without(p.Queues, q)
	delete(s.queues, e.Queue)
	if len(p.Queues) == 0 && s.Layout.Pipeline(p.Config.Name) == nil {
		s.Pipelines = without(s.Pipelines, p)
	}
}

func (s *State) windowResized(e WindowResized) {
	q := s.queues[e.Queue]
	old := q.Window
	q.Window = e.Size
	for i := old; i < len(q.Items) && (i < q.Window || q.Window == 0); i++ {
		s.mark(q.Items[i])
	}
	for i := q.Window; i < len(q.Items) && q.Window > 0 && (i < old || old == 0); i++ {
		s.mark(q.Items[i])
	}
}

func (s *State) itemEnqueued(e ItemEnqueued) {
	q := s.queues[e.Queue]
	s.ordinal++
	it := &Item{
		ID: e.Item, Queue: q, Refs: e.Refs, Live: e.Live, Quiet: e.Quiet,
		Event: e.Event, EventTime: e.EventTime, EnqueuedAt: e.Time, Cause: e.Cause, Data: e.Data, Trigger: e.Trigger,
		ordinal: s.ordinal,
	}
	q.Items = append(q.Items, it)
	it.link(s.items[e.Ahead])
	s.items[it.ID] = it
	for _, r := range it.Refs {
		if r.IsChange() {
			s.holding[r.Key()] = append(s.holding[r.Key()], it)
		}
	}
	s.indexNeeds(it)
	s.mark(it)
	s.mark(it.Ahead)
	s.markNeeding(it)
}

func (s *State) itemMoved(e ItemMoved) {
	it := s.items[e.Item]
	it.unlink()
	it.link(s.items[e.Ahead])
	s.mark(it)
}

func (s *State) itemFailing(e ItemFailing) {
	it := s.items[e.Item]
	changed := (len(it.Failing) == 0) != (len(e.Reasons) == 0)
	it.Failing = e.Reasons
	if changed {
		s.markFailing(it)
	}
}

func (s *State) itemDequeued(e ItemDequeued) {
	it := s.items[e.Item]
	q := it.Queue
	wasFailing := len(it.Failing) > 0
	s.markNeeding(it)
	s.markFollowing(it)
	ahead, behind := it.Ahead, slices.Clone(it.Behind)
	s.mark(ahead)
	s.dropBuildset(it)
	s.markTwins(it)
	it.unlink()
	for _, b := range behind {
		b.Ahead = nil
		b.link(ahead)
		s.mark(b)
	}
	it.Behind = nil
	i := q.index(it)
	q.take(i)
	s.markGap(q, i, wasFailing)
	s.forgetItem(it)
}

// markGap marks what looks at an item that has left position i of a queue: those
// up to the next one that is not failing, and who enters the window.
func (s *State) markGap(q *Queue, i int, wasFailing bool) {
	for ; i < len(q.Items) && !wasFailing; i++ {
		s.mark(q.Items[i])
		if q.Items[i].Live && len(q.Items[i].Failing) == 0 {
			break
		}
	}
	if q.Window > 0 && q.Window <= len(q.Items) {
		s.mark(q.Items[q.Window-1])
	}
}

func (s *State) forgetItem(it *Item) {
	it.gone = true
	delete(s.items, it.ID)
	for _, r := range it.Refs {
		if !r.IsChange() {
			continue
		}
		k := r.Key()
		if s.holding[k] = without(s.holding[k], it); len(s.holding[k]) == 0 {
			delete(s.holding, k)
		}
	}
	for _, k := range it.needs {
		if s.needing[k] = without(s.needing[k], it); len(s.needing[k]) == 0 {
			delete(s.needing, k)
		}
	}
}
