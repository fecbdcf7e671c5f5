package scheduler

import "slices"

// claim is who wants semaphores: a job, or a playbook of its build.
type claim struct {
	it    *Item
	run   *JobRun
	build *Build // nil for the job
}

func (c claim) ask() *Ask {
	if c.build != nil {
		return c.build.Playbook.Ask
	}
	return c.run.Ask
}

func (c claim) setAsk(a *Ask) {
	if c.build != nil {
		c.build.Playbook.Ask = a
	} else {
		c.run.Ask = a
	}
}

func (c claim) held() []SemaphoreName {
	switch {
	case c.build == nil:
		return c.run.Semaphores
	case c.build.Playbook.Held:
		return c.build.Playbook.Semaphores
	}
	return nil
}

func (c claim) holder() Holder {
	h := Holder{Buildset: c.it.Buildset.ID, Job: c.run.Job.Name, Ref: c.run.Job.Ref}
	if c.build != nil {
		h.Build = c.build.ID
	}
	return h
}

// take gives the claim all the semaphores that it wants, or none (Zuul
// semantics, "Semaphores"): who can't have the rest gives back what it has, so
// that nobody waits while others wait for it. Global ones are asked of the
// arbiter once the tenant's own are free, and given back if these are not free
// any more when the grant comes.
func (t *turn) take(c claim, want []SemaphoreName) bool {
	missing := minus(want, c.held())
	if len(missing) == 0 {
		return true
	}
	own, global := t.s.split(missing)
	if len(c.held()) > 0 && (len(global) > 0 || !t.s.free(own)) {
		t.release(c)
		missing = want
		own, global = t.s.split(missing)
	}
	if a := c.ask(); a != nil && (!slices.Equal(a.Semaphores, global) || a.Granted && !t.s.free(own)) {
		t.release(c)
	}
	if !t.s.free(own) {
		return false
	}
	if len(global) > 0 {
		if c.ask() == nil {
			t.ask(c, global)
		}
		if !c.ask().Granted {
			return false
		}
	}
	e := SemaphoresAcquired{Item: c.it.ID, Buildset: c.it.Buildset.ID, Job: c.run.Job.Name, Ref: c.run.Job.Ref, Semaphores: missing}
	if c.build != nil {
		e.Build, e.Number = c.build.ID, c.build.Playbook.Number
	}
	t.emit(e)
	return true
}

func (t *turn) ask(c claim, global []SemaphoreName) {
	e := SemaphoresAsked{
		Ask: AskID(t.ids.next()), Item: c.it.ID, Buildset: c.it.Buildset.ID, Job: c.run.Job.Name, Ref: c.run.Job.Ref, Semaphores: global,
	}
	if c.build != nil {
		e.Build = c.build.ID
	}
	t.emit(e)
}

// release gives back what the claim holds and takes its ask back.
func (t *turn) release(c claim) {
	if e, ok := c.released(); ok {
		t.emit(e)
	}
}

// released is the event that gives back what the claim has; false when that is
// nothing.
func (c claim) released() (SemaphoresReleased, bool) {
	e := SemaphoresReleased{
		Item: c.it.ID, Buildset: c.it.Buildset.ID, Job: c.run.Job.Name, Ref: c.run.Job.Ref, Semaphores: c.held(),
	}
	if c.build != nil {
		e.Build = c.build.ID
	}
	if a := c.ask(); a != nil {
		e.Ask = a.ID
	}
	return e, len(e.Semaphores) > 0 || e.Ask != ""
}

// split separates the tenant's own semaphores from those that it shares.
func (s *State) split(names []SemaphoreName) (own, global []SemaphoreName) {
	for _, n := range names {
		if _, ok := s.Layout.GlobalSemaphores[n]; ok {
			global = append(global, n)
		} else {
			own = append(own, n)
		}
	}
	return own, global
}

// free reports whether each of the tenant's own semaphores has room.
func (s *State) free(own []SemaphoreName) bool {
	for _, n := range own {
		if len(s.Holders[n]) >= s.semaphoreMax(n) {
			return false
		}
	}
	return true
}

// semaphoreMax is 1 for a semaphore that nobody declared. It is that of the
// layout in force, never one that a change brings.
func (s *State) semaphoreMax(name SemaphoreName) int {
	if n, ok := s.Layout.GlobalSemaphores[name]; ok {
		return n
	}
	if n, ok := s.Layout.Semaphores[name]; ok {
		return n
	}
	return 1
}

// minus lists what of a is not in b.
func minus(a, b []SemaphoreName) []SemaphoreName {
	if len(b) == 0 {
		return a
	}
	var out []SemaphoreName
	for _, n := range a {
		if !slices.Contains(b, n) {
			out = append(out, n)
		}
	}
	return out
}

// early lists the semaphores that a job takes before it asks for nodes.
func (j *FrozenJob) early() []SemaphoreName { return minus(j.Semaphores, j.ResourcesFirst) }

// uses lists every semaphore that the job or one of its playbooks wants.
func (j *FrozenJob) uses() []SemaphoreName {
	out := j.Semaphores
	for _, list := range [][]Playbook{j.PreRun, j.Run, j.PostRun} {
		for _, p := range list {
			for _, n := range p.Semaphores {
				if !slices.Contains(out, n) {
					out = append(out[:len(out):len(out)], n)
				}
			}
		}
	}
	return out
}

// returnUnused gives grants back that the item's jobs could not use in the turn
// that brought them, and takes back what it asks for while none of it may start.
// A job that can't start gives back what it holds too: the head of the queue may
// want it, and would wait for ever for an item outside of the window.
func (t *turn) returnUnused(it *Item, startable bool) {
	for _, r := range it.Buildset.Jobs {
		if r.Build == nil && len(r.Semaphores) > 0 && !startable {
			t.release(claim{it: it, run: r})
		}
		if r.Ask != nil && len(r.Semaphores) == 0 && (r.Ask.Granted || !startable) {
			t.release(claim{it: it, run: r})
		}
	}
}
