package scheduler

// queueKey says which queue a ref belongs to (Zuul semantics, section 3.1).
type queueKey struct {
	name    QueueName
	branch  string
	dynamic bool
}

func (t *turn) keyFor(p *Pipeline, r Ref) queueKey {
	if !p.Config.sharesQueues() {
		return queueKey{dynamic: true}
	}
	project, ok := t.s.Layout.Projects[r.Project]
	if !ok || !project.Pipelines[p.Config.Name] {
		return queueKey{name: QueueName(r.Name), dynamic: true}
	}
	k := queueKey{name: project.Queue}
	if k.name == "" {
		k.name = QueueName(r.Project)
	}
	if project.QueuePerBranch {
		k.branch = r.Branch
	}
	return k
}

// queueFor returns the queue of a ref, creating it when it is needed first.
func (t *turn) queueFor(p *Pipeline, r Ref) *Queue {
	k := t.keyFor(p, r)
	if q := findQueue(p, k, r); q != nil {
		return q
	}
	e := QueueCreated{
		Queue: QueueID(t.ids.next()), Pipeline: p.Config.Name,
		Name: k.name, Branch: k.branch, Dynamic: k.dynamic, Window: p.Config.windowSize(),
	}
	t.emit(e)
	return t.s.queues[e.Queue]
}

// findQueue returns the queue that a ref joins, nil when it needs a new one.
func findQueue(p *Pipeline, k queueKey, r Ref) *Queue {
	if p.Config.Manager == Supercedent {
		return supercedentQueue(p, r)
	}
	for _, q := range p.Queues {
		if p.Config.sharesQueues() && q.takes(k) {
			return q
		}
	}
	return nil
}

func (t *turn) sharesQueue(p *Pipeline, q *Queue, r Ref) bool {
	return q.takes(t.keyFor(p, r))
}

// dropEmpty deletes a dynamic queue without items, one that belongs to no
// project any more, and every empty queue of a pipeline that left the layout.
func (t *turn) dropEmpty(q *Queue) {
	if len(q.Items) > 0 || t.s.queues[q.ID] != q {
		return
	}
	if q.Dynamic || t.s.Layout.Pipeline(q.Pipeline.Config.Name) == nil || t.unclaimed(q) {
		t.emit(QueueDeleted{Queue: q.ID})
	}
}

// growWindow follows a merge, shrinkWindow a failure (section 3.2).
func (t *turn) growWindow(q *Queue) {
	c := q.Pipeline.Config.Window
	if q.Window == 0 || !q.Pipeline.Config.merges() {
		return
	}
	size := q.Window + c.IncreaseFactor
	if c.IncreaseExponential {
		size = q.Window * c.IncreaseFactor
	}
	if c.Ceiling > 0 {
		size = min(size, c.Ceiling)
	}
	t.resize(q, size, "an item merged")
}

func (t *turn) shrinkWindow(q *Queue) {
	c := q.Pipeline.Config.Window
	if q.Window == 0 || !q.Pipeline.Config.merges() {
		return
	}
	size := q.Window - c.DecreaseFactor
	if c.DecreaseExponential && c.DecreaseFactor > 0 {
		size = q.Window / c.DecreaseFactor
	}
	t.resize(q, max(size, c.Floor), "an item failed")
}

// resizeAll fits the windows to a new layout: what a queue has won or lost
// stays, above the new floor, except where the configuration fixes the size.
func (t *turn) resizeAll() {
	for _, p := range t.s.Pipelines {
		c := p.Config.Window
		for _, q := range p.Queues {
			switch {
			case p.Config.Manager != Dependent:
				t.resize(q, p.Config.windowSize(), newLayout)
			case c.Size == 0 || q.Window == 0 || c.fixed():
				t.resize(q, c.Size, newLayout)
			default:
				t.resize(q, max(q.Window, c.Floor), newLayout)
			}
		}
	}
}

// fixed reports whether the window never changes by itself.
func (c WindowConfig) fixed() bool {
	return c.IncreaseExponential && c.IncreaseFactor == 1 && c.DecreaseExponential && c.DecreaseFactor == 1
}

// newLayout is why a window changes without an item.
const newLayout = "the configuration changed"

func (t *turn) resize(q *Queue, size int, reason string) {
	if size != q.Window {
		t.emit(WindowResized{Queue: q.ID, Size: size, Reason: reason})
	}
}
