package scheduler

// resourceEffects says what the world must do because of an event about
// semaphores, nodes or autoholds, asked after its whole commit as Effects is.
func resourceEffects(s *State, e Event) []Effect {
	switch e := e.(type) {
	case SemaphoresAsked:
		c, ok := s.claimOf(e.Item, e.Buildset, JobKey{e.Job, e.Ref}, e.Build)
		if ok && c.ask() != nil && c.ask().ID == e.Ask && !c.ask().Granted {
			return []Effect{acquireEffect(s, c)}
		}
	case SemaphoresReleased:
		if e.Ask != "" {
			return []Effect{ReleaseSemaphores{Tenant: s.Tenant, Ask: e.Ask}}
		}
	case SemaphoresAcquired:
		return grantEffect(s, e.Build, e.Number)
	case PlaybookWaiting:
		return grantEffect(s, e.Build, e.Number)
	case NodesRequested:
		if d, ok := s.requests[e.Request]; ok && !d.run.Request.Provided {
			return []Effect{requestEffect(s, d)}
		}
	case NodesReleased:
		return []Effect{ReleaseNodes{Tenant: s.Tenant, Request: e.Request}}
	case NodesRanked:
		if d, ok := s.requests[e.Request]; ok {
			return []Effect{RankNodes{Tenant: s.Tenant, Request: e.Request, RelativePriority: d.run.Request.RelativePriority}}
		}
	case HoldReleased:
		out := []Effect{ReleaseHold{Tenant: s.Tenant, Build: e.Build}}
		if e.Request != "" {
			out = append(out, ReleaseNodes{Tenant: s.Tenant, Request: e.Request})
		}
		return out
	}
	return nil
}

// grantEffect tells the executor of a build that its playbook may run.
func grantEffect(s *State, build BuildID, number int) []Effect {
	b := s.builds[build]
	if b == nil || b.Playbook == nil || b.Playbook.Number != number || !b.Playbook.Held {
		return nil
	}
	return []Effect{GrantSemaphores{Build: build, Number: number}}
}

func acquireEffect(s *State, c claim) AcquireSemaphores {
	e := AcquireSemaphores{
		Tenant: s.Tenant, Ask: c.ask().ID, Item: c.it.ID, Buildset: c.it.Buildset.ID, Job: c.run.Job.Name, Ref: c.run.Job.Ref,
		Semaphores: c.ask().Semaphores, Held: c.ask().Granted,
	}
	if c.build != nil {
		e.Build = c.build.ID
	}
	e.Order = [4]uint64{uint64(s.pipelineIndex(c.it.Queue.Pipeline)), c.it.Queue.ordinal, c.it.ordinal, 0}
	for i, r := range c.it.Buildset.Jobs {
		if r == c.run {
			e.Order[3] = uint64(i)
		}
	}
	return e
}

func requestEffect(s *State, d nodeDemand) RequestNodes {
	q := d.run.Request
	return RequestNodes{
		Tenant: s.Tenant, Pipeline: d.item.Queue.Pipeline.Config.Name, Request: q.ID, Item: d.item.ID, Buildset: d.item.Buildset.ID,
		Job: d.run.Job.Name, Nodeset: d.run.nodeset(), Priority: q.Priority, RelativePriority: q.RelativePriority,
		Provider: q.Provider, RequestedAt: q.RequestedAt, Nodes: q.Nodes,
	}
}

// eachAsk visits who asks the arbiter for semaphores or holds some of it.
func (s *State) eachAsk(visit func(claim)) {
	s.eachItem(func(it *Item) {
		if it.Buildset == nil {
			return
		}
		for _, r := range it.Buildset.Jobs {
			if r.Ask != nil {
				visit(claim{it: it, run: r})
			}
			if r.Build != nil && r.Build.Playbook != nil && r.Build.Playbook.Ask != nil {
				visit(claim{it: it, run: r, build: r.Build})
			}
		}
	})
}

// openResources derives what was asked for and not answered.
func openResources(s *State) []Effect {
	var out []Effect
	s.eachAsk(func(c claim) {
		if !c.ask().Granted {
			out = append(out, acquireEffect(s, c))
		}
	})
	s.eachRequest(func(it *Item, r *JobRun) {
		if !r.Request.Provided {
			out = append(out, requestEffect(s, nodeDemand{it, r}))
		}
	})
	return out
}

// Claims lists what the tenant has of the world that others share: global
// semaphores that it holds or waits for, and its node requests with the nodes
// of jobs and of held builds. Arbiter and providers, which remember nothing,
// are told when the tenant's state was loaded.
func Claims(s *State) (semaphores []AcquireSemaphores, nodes []RequestNodes) {
	s.eachAsk(func(c claim) { semaphores = append(semaphores, acquireEffect(s, c)) })
	s.eachRequest(func(it *Item, r *JobRun) { nodes = append(nodes, requestEffect(s, nodeDemand{it, r})) })
	for _, a := range s.Autoholds {
		for _, h := range a.Held {
			if !h.Released && h.Request != "" {
				nodes = append(nodes, RequestNodes{Tenant: s.Tenant, Request: h.Request, Buildset: h.Buildset, Job: a.Job, Nodes: h.Nodes})
			}
		}
	}
	return semaphores, nodes
}
