package scheduler

// Step applies a batch of commands and settles. The events it returns are one
// commit, and s already has them applied: s is the owner's working state, which
// must be thrown away when the log refuses the commit.
func Step(s *State, m Meta, commands []Command) []Event {
	t := &turn{s: s, m: m, ids: ids{seed: m.Entropy}, waited: len(s.Inbox) > 0}
	for _, c := range commands {
		t.command(c)
	}
	t.settle()
	return t.events
}

// turn is one commit in the making.
type turn struct {
	s      *State
	m      Meta
	ids    ids
	events []Event
	// again are refs that come back into a pipeline.
	again []reenqueueing
	// leaving is told on by what it leaves behind.
	leaving leaving
	// touched are changes whose facts may no longer be needed.
	touched map[ChangeKey]bool
	// waited says that events waited for a layout when the turn began.
	waited bool
}

// emit records an event and applies it.
func (t *turn) emit(e Event) {
	held := t.beforeEnd(e)
	t.events = append(t.events, e)
	before := t.before(e)
	Evolve(t.s, e)
	if held != nil {
		t.emit(*held)
	}
	switch e := e.(type) {
	case ChangeUpdated:
		t.touch(e.Change.Key())
	case ItemDequeued:
		for _, r := range e.Refs {
			t.touch(r.Key())
		}
	case ReportCompleted:
		t.reportCompleted(e)
	case LayoutLoaded:
		if e.Layout != nil {
			t.resizeAll()
			t.requeueAll(before)
		}
	}
}

// before is what must be known of the state that a new layout replaces.
func (t *turn) before(e Event) map[PipelineName]ManagerKind {
	if e, ok := e.(LayoutLoaded); ok && e.Layout != nil {
		return t.s.managers()
	}
	return nil
}

func (t *turn) touch(k ChangeKey) {
	if t.touched == nil {
		t.touched = map[ChangeKey]bool{}
	}
	t.touched[k] = true
}

// settle runs the managers until nothing new follows: first what arrived from
// outside, in order, then the items that events have marked.
func (t *turn) settle() {
	for steps := 0; ; steps++ {
		if steps > 1000*(len(t.s.items)+100) {
			panic("scheduler: settling does not end\n" + Describe(t.s))
		}
		if len(t.again) > 0 {
			e := t.again[0]
			t.again = t.again[1:]
			t.add(e.pipeline, e.enqueueing)
			continue
		}
		if len(t.s.Results) > 0 && !t.s.Control.ResultPaused {
			t.handleResult() // before triggers: results may end what triggers look at
			continue
		}
		if e, ok := t.s.nextEntry(); ok {
			t.handle(e)
			continue
		}
		if t.s.Layout == nil {
			break
		}
		it := t.s.nextDirty()
		if it == nil {
			break
		}
		t.s.visits++
		t.process(it)
	}
	t.rankNodes()
	t.forget()
}

// layoutCurrent reports whether trigger events may be handled: not while a
// reconfiguration that one of them caused is under way.
func (s *State) layoutCurrent() bool { return s.Layout != nil && s.Loaded >= s.Requested }

// forget drops facts about changes that no item holds or needs. While events
// wait it drops none: an old one must not bring back a change that has merged
// since. The turn that ends the wait makes up for it.
func (t *turn) forget() {
	if len(t.s.Inbox) > 0 {
		return
	}
	if t.waited {
		for k := range t.s.Changes {
			t.touch(k)
		}
	}
	var gone []ChangeKey
	for k := range t.touched {
		if t.s.Changes[k] != nil && len(t.s.holding[k]) == 0 && len(t.s.needing[k]) == 0 {
			gone = insertKey(gone, k)
		}
	}
	if len(gone) > 0 {
		t.emit(ChangeForgotten{Changes: gone})
	}
}
