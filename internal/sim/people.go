package sim

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// anyOpen is an open change of the tenant's forge, or nil.
func (s *Sim) anyOpen(t *tenant) *scheduler.Change {
	if open := t.forge.open(); len(open) > 0 {
		return pick(s, open)
	}
	return nil
}

// mostOpen bounds how many changes wait: what is old stays interesting.
const mostOpen = 24

// invent makes a change, perhaps one that needs another or both ways.
func (s *Sim) invent(t *tenant) *scheduler.Change {
	if len(t.forge.open()) >= mostOpen {
		return nil
	}
	other := s.anyOpen(t)
	branch := "main"
	if s.rng.IntN(8) == 0 {
		branch = "stable"
	}
	project := pick(s, projects)
	if other != nil && (other.Name == projects[0]) != (project == projects[0]) && s.rng.IntN(4) > 0 {
		project = other.Name // mostly what shares a queue needs each other
	}
	c := t.forge.create(project, branch)
	if s.rng.IntN(8) == 0 {
		c.Topic = pick(s, []string{"red", "blue"})
	}
	switch n := s.rng.IntN(12); {
	case other == nil:
	case n == 0:
		c.Needs = []scheduler.Need{{Change: other.Key()}}
		other.Needs = append(slices.Clone(other.Needs), scheduler.Need{Change: c.Key()})
	case n < 4:
		c.Needs = []scheduler.Need{{Change: other.Key()}}
	case n < 7 && other.Project == c.Project && other.Branch == c.Branch:
		c.Needs = []scheduler.Need{{Change: other.Key(), Patchset: other.Patchset, Parent: true}}
	}
	s.tell("change %s, needs %v", c.Ref, c.Needs)
	return c
}

func (s *Sim) newChange(t *tenant) bool {
	c := s.invent(t)
	if c == nil {
		return false
	}
	t.forge.happen("patchset-created", c, func(e *scheduler.TriggerEvent) { e.NewPatchset = true })
	return true
}

// newApproved makes a change that skips check, so that gates get deep.
func (s *Sim) newApproved(t *tenant) bool {
	c := s.invent(t)
	if c == nil {
		return false
	}
	t.approve(c)
	return true
}

func (t *tenant) approve(c *scheduler.Change) {
	t.forge.approve(c)
	t.forge.happen("comment-added", c, func(e *scheduler.TriggerEvent) { e.Votes = slices.Clone(c.Votes) })
}

func (s *Sim) approve(t *tenant) bool {
	c := s.anyOpen(t)
	if c == nil {
		return false
	}
	t.approve(c)
	return true
}

func (s *Sim) withdraw(t *tenant) bool {
	c := s.anyOpen(t)
	if c == nil {
		return false
	}
	t.forge.withdraw(c)
	t.forge.happen("comment-added", c, nil)
	return true
}

func (s *Sim) newPatchset(t *tenant) bool {
	c := s.anyOpen(t)
	if c == nil {
		return false
	}
	t.forge.patchset(c)
	t.forge.happen("patchset-created", c, func(e *scheduler.TriggerEvent) { e.NewPatchset = true })
	return true
}

func (s *Sim) abandon(t *tenant) bool {
	c := s.anyOpen(t)
	if c == nil {
		return false
	}
	c.Open = false
	t.forge.happen("change-abandoned", c, func(e *scheduler.TriggerEvent) { e.Abandoned = true })
	return true
}

func (s *Sim) restore(t *tenant) bool {
	for _, c := range t.forge.changes {
		if !c.Open && !c.Merged {
			c.Open = true
			t.forge.happen("change-restored", c, nil)
			return true
		}
	}
	return false
}

// edit takes a dependency of a change back, or gives it one.
func (s *Sim) edit(t *tenant) bool {
	c, n := s.anyOpen(t), s.anyOpen(t)
	if c == nil || c == n {
		return false
	}
	if len(c.Needs) > 0 {
		c.Needs = slices.Clone(c.Needs[1:])
	} else {
		c.Needs = []scheduler.Need{{Change: n.Key()}}
	}
	t.forge.happen("change-message-modified", c, nil)
	return true
}

// push moves a branch past the gate.
func (s *Sim) push(t *tenant) bool {
	c := s.anyOpen(t)
	if c == nil {
		return false
	}
	key := branchOf(c.Ref)
	old := t.forge.tips[key]
	t.forge.tips[key] = t.forge.put(old, fmt.Sprint("push-", t.forge.events))
	t.forge.moved(c.Ref, old, false)
	return true
}

// mergeByHand merges an open change without asking anybody.
func (s *Sim) mergeByHand(t *tenant) bool {
	c := s.anyOpen(t)
	if c == nil {
		return false
	}
	for _, n := range c.Needs {
		if d := t.forge.change(n.Change); n.Parent && d != nil && !d.Merged {
			return false
		}
	}
	t.forge.merge(c.Ref, t.forge.put(t.forge.tips[branchOf(c.Ref)], c.ID()))
	return true
}

// configure pushes a change of configuration.
func (s *Sim) configure(t *tenant) bool {
	t.forge.configure(t.forge.layout + 1)
	return true
}

func (f *forge) configure(v int) {
	f.layout = v
	r := scheduler.Ref{Project: f.canonical(projects[0]), Name: projects[0], Branch: "main"}
	old := f.tips[branchOf(r)]
	f.tips[branchOf(r)] = f.put(old, fmt.Sprint("configuration-", f.events))
	f.moved(r, old, true)
}

// branch makes a branch or deletes it, which asks for the configuration anew.
func (s *Sim) branch(t *tenant) bool {
	gone := s.rng.IntN(2) == 0
	project := pick(s, projects)
	t.forge.emit(scheduler.TriggerEvent{
		Type: "ref-updated", BranchCreated: !gone, BranchDeleted: gone,
		Ref: scheduler.Ref{
			Connection: connection, Project: t.forge.canonical(project), Name: project, Branch: "side", Ref: "refs/heads/side",
			NewRev: hashOf("side", fmt.Sprint(t.forge.events)),
		},
	})
	return true
}

func (s *Sim) enqueue(t *tenant) bool {
	c := s.anyOpen(t)
	if c == nil {
		return false
	}
	id := t.requestID()
	t.request(id, scheduler.EnqueueRef{
		ID: id, Pipeline: pick(s, []scheduler.PipelineName{"gate", "check", "nowhere"}), Ref: c.Ref,
		Changes: t.forge.closure(c.Key()), Actor: "operator",
	})
	return true
}

func (s *Sim) enqueueBranch(t *tenant) bool {
	project := pick(s, projects)
	id := t.requestID()
	r := scheduler.Ref{
		Connection: connection, Project: t.forge.canonical(project), Name: project, Branch: "main", Ref: "refs/heads/main",
	}
	r.NewRev = t.forge.tips[branchOf(r)]
	t.request(id, scheduler.EnqueueRef{ID: id, Pipeline: pick(s, []scheduler.PipelineName{"post", "publish"}), Ref: r, Actor: "operator"})
	return true
}

func (s *Sim) dequeue(t *tenant) bool {
	c := s.anyOpen(t)
	if c == nil {
		return false
	}
	id := t.requestID()
	t.request(id, scheduler.DequeueRef{ID: id, Pipeline: pick(s, []scheduler.PipelineName{"gate", "check"}), Ref: c.Ref, Actor: "operator"})
	return true
}

// promoteChanges moves one or two changes to the front.
func (s *Sim) promoteChanges(t *tenant) bool {
	c := s.anyOpen(t)
	if c == nil {
		return false
	}
	refs := []scheduler.Ref{c.Ref}
	if other := s.anyOpen(t); other != c && s.rng.IntN(2) == 0 {
		refs = append(refs, other.Ref)
	}
	id := t.requestID()
	t.request(id, scheduler.PromoteRefs{ID: id, Pipeline: pick(s, []scheduler.PipelineName{"gate", "check"}), Refs: refs, Actor: "operator"})
	return true
}

// stopQueues pauses trigger events or results, or has events dropped.
func (s *Sim) stopQueues(t *tenant) bool {
	yes := true
	c := scheduler.ControlQueues{ID: t.requestID(), Actor: "operator", Reason: "an accident"}
	switch s.rng.IntN(3) {
	case 0:
		c.TriggerPaused = &yes
	case 1:
		c.TriggerDiscarding = &yes
	default:
		c.ResultPaused = &yes
	}
	t.request(c.ID, c)
	return true
}

func (s *Sim) releaseQueues(t *tenant) bool {
	no := false
	id := t.requestID()
	t.request(id, scheduler.ControlQueues{ID: id, TriggerPaused: &no, TriggerDiscarding: &no, ResultPaused: &no, Actor: "operator"})
	return true
}

func (s *Sim) reconfigure(t *tenant) bool {
	t.request("", scheduler.Reconfigure{Reason: "an operator asks"})
	return true
}
