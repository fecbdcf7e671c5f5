package scheduler

// What explanations ask of a state. All of it only reads.

// Position is the item's place in its queue, 1 at the front.
func (it *Item) Position() int { return it.Queue.index(it) + 1 }

// Done reports whether nothing of the buildset is still to come.
func (b *Buildset) Done() bool { return b.done() }

// Ready reports whether jobs of the buildset may run.
func (b *Buildset) Ready() bool { return b.ready() }

// Job returns the run of a job, or nil.
func (b *Buildset) Job(key JobKey) *JobRun { return b.job(key) }

// Failed reports whether the job keeps its item from succeeding.
func (r *JobRun) Failed() bool { return r.failed() }

// SemaphoreMax is how many jobs may hold a semaphore at once.
func (s *State) SemaphoreMax(name SemaphoreName) int { return s.semaphoreMax(name) }

// LayoutCurrent reports whether events are handled: not while a configuration
// that one of them asked for is loaded.
func (s *State) LayoutCurrent() bool { return s.layoutCurrent() }

// EachItem visits all items, queue by queue, front to back.
func (s *State) EachItem(visit func(*Item)) { s.eachItem(visit) }

// Awaited returns the item ahead, and its job if that is known, whose artifacts
// a job of the buildset requires and does not have yet.
func (s *State) Awaited(r *JobRun, b *Buildset) (*Item, *JobRun) {
	p := s.provisionFor(b.Item, r.Job)
	return p.of, p.by
}

// HeldBy returns the job ahead, with its item, that must succeed before the
// item starts any; nil when nothing holds it.
func (it *Item) HeldBy() (*Item, *JobRun) {
	if it.Ahead == nil {
		return nil, nil
	}
	return it.Ahead.holder()
}

// NeededIn lists the items of the same queue that hold what the item's changes
// need, in the order of the needs.
func (s *State) NeededIn(it *Item) []*Item {
	var out []*Item
	for _, k := range it.needs {
		for _, x := range s.holding[k] {
			if x != it && x.Queue == it.Queue {
				out = append(out, x)
			}
		}
	}
	return out
}
