package scheduler

import "slices"

// Ask is a request for global semaphores, which the arbiter of all tenants
// grants together.
type Ask struct {
	ID         AskID
	Semaphores []SemaphoreName
	// Granted ones are held, or given back in the same commit.
	Granted bool
}

// claimOf finds who an event about semaphores means; false when it is gone.
func (s *State) claimOf(item ItemID, buildset BuildsetID, job JobKey, build BuildID) (claim, bool) {
	it := s.items[item]
	if it == nil || it.Buildset == nil || it.Buildset.ID != buildset {
		return claim{}, false
	}
	c := claim{it: it, run: it.Buildset.job(job)}
	if c.run == nil {
		return claim{}, false
	}
	if build == "" {
		return c, true
	}
	c.build = s.builds[build]
	return c, c.build != nil && c.build.Playbook != nil
}

// decideGranted gives late grants back.
func decideGranted(s *State, g GrantedSemaphores) ([]Event, error) {
	c, ok := s.claimOf(g.Item, g.Buildset, JobKey{g.Job, g.Ref}, g.Build)
	if !ok || c.ask() == nil || c.ask().ID != g.Ask {
		return []Event{SemaphoresReleased{Item: g.Item, Buildset: g.Buildset, Job: g.Job, Ref: g.Ref, Build: g.Build, Ask: g.Ask}}, nil
	}
	if c.ask().Granted {
		return nil, late(g.Ask)
	}
	return []Event{SemaphoresGranted(g)}, nil
}

func (s *State) semaphoresAsked(e SemaphoresAsked) {
	if c, ok := s.claimOf(e.Item, e.Buildset, JobKey{e.Job, e.Ref}, e.Build); ok {
		c.setAsk(&Ask{ID: e.Ask, Semaphores: e.Semaphores})
	}
}

func (s *State) semaphoresGranted(e SemaphoresGranted) {
	if c, ok := s.claimOf(e.Item, e.Buildset, JobKey{e.Job, e.Ref}, e.Build); ok {
		c.ask().Granted = true
		s.mark(c.it)
	}
}

func (s *State) semaphoresAcquired(e SemaphoresAcquired) {
	c, ok := s.claimOf(e.Item, e.Buildset, JobKey{e.Job, e.Ref}, e.Build)
	if !ok {
		return
	}
	if c.build != nil {
		c.build.Playbook.Held = true
	} else {
		c.run.Semaphores = slices.Concat(c.run.Semaphores, e.Semaphores)
		slices.Sort(c.run.Semaphores)
	}
	for _, name := range e.Semaphores {
		h := c.holder()
		h.Max = s.semaphoreMax(name)
		s.Holders[name] = append(s.Holders[name], h)
	}
}

func (s *State) semaphoresReleased(e SemaphoresReleased) {
	c, ok := s.claimOf(e.Item, e.Buildset, JobKey{e.Job, e.Ref}, e.Build)
	if !ok || e.Ask != "" && (c.ask() == nil || c.ask().ID != e.Ask) {
		return // a late grant goes back
	}
	s.release(c)
}

// release takes semaphores back and wakes the items that use them.
func (s *State) release(c claim) {
	for _, name := range c.held() {
		s.dropHolder(name, c.holder())
	}
	c.setAsk(nil)
	if c.build != nil {
		c.build.Playbook.Held, c.build.Playbook.Semaphores = false, nil
	} else {
		c.run.Semaphores = nil
	}
}

func (s *State) dropHolder(name SemaphoreName, h Holder) {
	s.Holders[name] = slices.DeleteFunc(s.Holders[name], func(x Holder) bool {
		return x.Buildset == h.Buildset && x.key() == h.key() && x.Build == h.Build
	})
	if len(s.Holders[name]) == 0 {
		delete(s.Holders, name)
	}
	for _, it := range s.semaphoreUsers[name] {
		s.mark(it)
	}
}

// releaseAll takes back what a job and its build hold.
func (s *State) releaseAll(it *Item, r *JobRun) {
	if r.Build != nil && r.Build.Playbook != nil {
		s.release(claim{it: it, run: r, build: r.Build})
	}
	s.release(claim{it: it, run: r})
}

// indexSemaphores lists the item under the semaphores that a job of it uses.
func (s *State) indexSemaphores(it *Item, j *FrozenJob) {
	for _, name := range j.uses() {
		if !slices.Contains(s.semaphoreUsers[name], it) {
			s.semaphoreUsers[name] = append(s.semaphoreUsers[name], it)
		}
	}
}

func (s *State) unindexSemaphores(it *Item, j *FrozenJob) {
	for _, name := range j.uses() {
		s.semaphoreUsers[name] = without(s.semaphoreUsers[name], it)
		if len(s.semaphoreUsers[name]) == 0 {
			delete(s.semaphoreUsers, name)
		}
	}
}
