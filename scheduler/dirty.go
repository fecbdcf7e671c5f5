package scheduler

import "container/heap"

// dirtyHeap holds the items that events touched, to be processed in the order
// of pipelines, queues and positions. The cost of settling follows its size,
// not that of the queues.
type dirtyHeap []*dirtyItem

type dirtyItem struct {
	item     *Item
	pipeline int
	queue    uint64
}

func (h dirtyHeap) Len() int { return len(h) }
func (h dirtyHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if a.pipeline != b.pipeline {
		return a.pipeline < b.pipeline
	}
	if a.queue != b.queue {
		return a.queue < b.queue
	}
	return a.item.ordinal < b.item.ordinal
}
func (h dirtyHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push and Pop serve container/heap.
func (h *dirtyHeap) Push(x any) { *h = append(*h, x.(*dirtyItem)) }

// Pop removes the last element.
func (h *dirtyHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return x
}

// mark notes that an item must be looked at again.
func (s *State) mark(it *Item) {
	if it == nil || it.dirty || it.gone {
		return
	}
	it.dirty = true
	heap.Push(&s.dirty, &dirtyItem{item: it, pipeline: s.pipelineIndex(it.Queue.Pipeline), queue: it.Queue.ordinal})
}

// nextDirty takes the frontmost marked item, or nil.
func (s *State) nextDirty() *Item {
	for s.dirty.Len() > 0 {
		it := heap.Pop(&s.dirty).(*dirtyItem).item
		it.dirty = false
		if !it.gone {
			return it
		}
	}
	return nil
}

// forgetDirty empties the heap: a fold decides nothing.
func (s *State) forgetDirty() {
	for _, d := range s.dirty {
		d.item.dirty = false
	}
	s.dirty = s.dirty[:0]
}

func (s *State) pipelineIndex(p *Pipeline) int {
	for i, x := range s.Pipelines {
		if x == p {
			return i
		}
	}
	return len(s.Pipelines)
}

// markAll marks every item, after a layout change or a restore.
func (s *State) markAll() {
	for _, p := range s.Pipelines {
		for _, q := range p.Queues {
			for _, it := range q.Items {
				s.mark(it)
			}
		}
	}
}

// markFailing marks what looks at whether it is failing: the items behind it,
// those up to the next one that is not failing, and those that need its changes.
func (s *State) markFailing(it *Item) {
	for _, b := range it.Behind {
		s.mark(b)
	}
	items := it.Queue.Items
	for i := it.Queue.index(it) + 1; i < len(items); i++ {
		s.mark(items[i])
		if items[i].Live && len(items[i].Failing) == 0 {
			break
		}
	}
	s.markNeeding(it)
}

func (s *State) markNeeding(it *Item) {
	for _, r := range it.Refs {
		if r.IsChange() {
			for _, n := range s.needing[r.Key()] {
				s.mark(n)
			}
		}
	}
}
