package scheduler

import (
	"fmt"
	"slices"
)

// PlaybookHold is what a playbook of a running build has of semaphores. A
// build runs one playbook at a time.
type PlaybookHold struct {
	// Number counts the build's requests, from 1.
	Number     int
	Semaphores []SemaphoreName // in name order
	Held       bool
	Ask        *Ask // for the global ones
}

func decideAsked(s *State, c AskedSemaphores) ([]Event, error) {
	b := s.builds[c.Build]
	if b == nil || b.Result != "" || b.StartedAt.IsZero() {
		return nil, late(c.Build)
	}
	if b.Executor != "" && c.Executor != "" && b.Executor != c.Executor {
		return nil, &Rejection{Code: "conflict", Message: "another executor runs it", Subject: string(c.Build)}
	}
	if c.Number < 1 || b.Playbook != nil && c.Number < b.Playbook.Number {
		return nil, late(fmt.Sprintf("request %d of build %s", c.Number, c.Build))
	}
	events := playbookReleased(b, c.Number)
	names := slices.Clone(c.Semaphores)
	slices.Sort(names)
	return append(events, PlaybookWaiting{
		Build: b.ID, Item: b.Buildset.Item.ID, Buildset: b.Buildset.ID, Job: b.Job, Ref: b.Ref,
		Number: c.Number, Semaphores: slices.Compact(names),
	}), nil
}

// playbookReleased gives back what a playbook before the n-th had, whose
// return was lost on the way.
func playbookReleased(b *Build, n int) []Event {
	if b.Playbook == nil || b.Playbook.Number >= n {
		return nil
	}
	c := claim{it: b.Buildset.Item, run: b.Buildset.job(b.Key()), build: b}
	if e, ok := c.released(); ok {
		return []Event{e}
	}
	return nil
}

func decideReturned(s *State, c ReturnedSemaphores) ([]Event, error) {
	b := s.builds[c.Build]
	if b == nil || b.Playbook == nil || b.Playbook.Number != c.Number {
		return nil, late(fmt.Sprintf("request %d of build %s", c.Number, c.Build))
	}
	if len(b.Playbook.Semaphores) == 0 {
		return nil, late(fmt.Sprintf("request %d of build %s", c.Number, c.Build))
	}
	// One that still waits, and whose time is over, waits no longer.
	x := claim{it: b.Buildset.Item, run: b.Buildset.job(b.Key()), build: b}
	e, _ := x.released()
	return []Event{e}, nil
}

// servePlaybooks gives semaphores to playbooks that wait for them, in the
// order of jobs. Unlike jobs, they are served outside of the window too: their
// builds run already.
func (t *turn) servePlaybooks(it *Item) {
	for _, r := range it.Buildset.Jobs {
		if b := r.Build; b != nil && b.Result == "" && b.Playbook != nil && !b.Playbook.Held && len(b.Playbook.Semaphores) > 0 {
			t.take(claim{it: it, run: r, build: b}, b.Playbook.Semaphores)
		}
	}
}

func (s *State) playbookWaiting(e PlaybookWaiting) {
	b := s.builds[e.Build]
	if b.Playbook == nil || b.Playbook.Number != e.Number {
		b.Playbook = &PlaybookHold{Number: e.Number, Semaphores: e.Semaphores}
	}
	s.mark(b.Buildset.Item)
}
