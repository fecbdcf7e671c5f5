package scheduler

import "fmt"

// decideResource decides commands about semaphores, nodes and autoholds.
func decideResource(s *State, m Meta, c Command) ([]Event, error) {
	switch c := c.(type) {
	case GrantedSemaphores:
		return decideGranted(s, c)
	case AskedSemaphores:
		return decideAsked(s, c)
	case ReturnedSemaphores:
		return decideReturned(s, c)
	case ProvidedNodes:
		return decideProvided(s, m, c)
	case CreateAutohold:
		return decideCreateAutohold(s, m, c)
	case DeleteAutohold:
		return decideDeleteAutohold(s, m, c)
	case Tick:
		return expired(s, m.Time), nil
	}
	panic(fmt.Sprintf("scheduler: unknown command %T", c))
}

// evolveResource applies events about semaphores, nodes and autoholds.
func (s *State) evolveResource(e Event) {
	switch e := e.(type) {
	case SemaphoresAsked:
		s.semaphoresAsked(e)
	case SemaphoresGranted:
		s.semaphoresGranted(e)
	case PlaybookWaiting:
		s.playbookWaiting(e)
	case NodesRequested:
		s.nodesRequested(e)
	case NodesProvided:
		s.nodesProvided(e)
	case NodesFailed:
		s.nodesFailed(e)
	case NodesReleased:
		s.nodesReleased(e)
	case NodesRanked:
		s.nodesRanked(e)
	case AutoholdRequested:
		s.autoholdRequested(e)
	case BuildHeld:
		s.buildHeld(e)
	case HoldReleased:
		s.holdReleased(e)
	case AutoholdDeleted:
		s.autoholdDeleted(e)
	default:
		panic(fmt.Sprintf("scheduler: unknown event %T", e))
	}
}

// beforeEnd gives back what ends with an event that is about to be decided,
// so that the log tells it and the world hears of it, whatever caused the end.
// What an autohold keeps is returned, to follow the event.
func (t *turn) beforeEnd(e Event) *BuildHeld {
	switch e := e.(type) {
	case BuildsetReset:
		t.giveBack(t.s.items[e.Item], e.Reason)
	case BuildsCanceled:
		t.giveBack(t.s.items[e.Item], e.Reason)
	case ItemDequeued:
		t.giveBack(t.s.items[e.Item], e.Reason)
	case JobSkipped:
		it := t.s.items[e.Item]
		t.giveBackJob(it, it.Buildset.job(JobKey{e.Job, e.Ref}), e.Reason)
	case BuildCompleted:
		it := t.s.items[e.Item]
		r := it.Buildset.job(JobKey{e.Job, e.Ref})
		if e.Retry && !r.Build.PausedAt.IsZero() {
			t.giveBackBehind(it, r)
		}
		held := t.hold(it, r, e)
		if held != nil {
			t.giveBackSemaphores(it, r)
		} else {
			t.giveBackJob(it, r, "the build ended")
		}
		return held
	}
	return nil
}

// giveBackBehind returns what the jobs have that must wait again for a paused
// one, which is lost.
func (t *turn) giveBackBehind(it *Item, lost *JobRun) {
	behind := map[*JobRun]bool{}
	lost.descendants(false, behind)
	for _, r := range it.Buildset.Jobs {
		if behind[r] {
			t.giveBackJob(it, r, "the paused build that it depends on was lost")
		}
	}
}

// giveBack returns all that the jobs of an item hold and asked for.
func (t *turn) giveBack(it *Item, reason string) {
	if it.Buildset == nil {
		return
	}
	for _, r := range it.Buildset.Jobs {
		t.giveBackJob(it, r, reason)
	}
}

func (t *turn) giveBackJob(it *Item, r *JobRun, reason string) {
	t.giveBackSemaphores(it, r)
	if r.Request != nil {
		t.emit(NodesReleased{
			Request: r.Request.ID, Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, Reason: reason, Time: t.m.Time,
		})
	}
}

func (t *turn) giveBackSemaphores(it *Item, r *JobRun) {
	if r.Build != nil && r.Build.Playbook != nil {
		t.release(claim{it: it, run: r, build: r.Build})
	}
	t.release(claim{it: it, run: r})
}
