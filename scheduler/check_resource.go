package scheduler

import "slices"

// semaphores checks P7. A maximum that was lowered since a semaphore was taken
// breaks nothing: each holder found room when it came.
func (c *checker) semaphores() {
	for name, holders := range c.s.Holders {
		_, global := c.s.Layout.GlobalSemaphores[name]
		for i, h := range holders {
			if i >= h.Max && !global {
				c.fail("P7 semaphores", "%s has %d holders of %d", name, i+1, h.Max)
			}
			if !c.s.holds(h, name) {
				c.fail("P7 semaphores", "%s is held by job %s of buildset %s, which is not running", name, h.Job, h.Buildset)
			}
		}
	}
	c.s.eachItem(func(it *Item) {
		if it.Buildset != nil {
			for _, r := range it.Buildset.Jobs {
				c.claims(it, r)
			}
		}
	})
}

// claims checks that a job holds what it says, and nothing when it is done.
func (c *checker) claims(it *Item, r *JobRun) {
	list := []claim{{it: it, run: r}}
	if r.Build != nil && r.Build.Playbook != nil {
		list = append(list, claim{it: it, run: r, build: r.Build})
	}
	for _, x := range list {
		if r.Done() && (len(x.held()) > 0 || x.ask() != nil) {
			c.fail("P7 semaphores", "job %s of item %s is done and holds or wants semaphores", r.Job.Name, it.ID)
		}
		if a := x.ask(); a != nil && a.Granted && len(x.held()) == 0 {
			c.fail("P7 semaphores", "job %s of item %s keeps a grant without using it", r.Job.Name, it.ID)
		}
		for _, name := range x.held() {
			h := x.holder()
			if !slices.ContainsFunc(c.s.Holders[name], func(y Holder) bool {
				return y.Buildset == h.Buildset && y.key() == h.key() && y.Build == h.Build
			}) {
				c.fail("P7 semaphores", "job %s of item %s has %s without being its holder", r.Job.Name, it.ID, name)
			}
		}
	}
}

// holds reports whether a holder is a live job or playbook that says the same.
func (s *State) holds(h Holder, name SemaphoreName) bool {
	for _, it := range s.semaphoreUsers[name] {
		if it.Buildset == nil || it.Buildset.ID != h.Buildset {
			continue
		}
		r := it.Buildset.job(h.key())
		if r == nil || r.Done() {
			return false
		}
		c := claim{it: it, run: r}
		if h.Build != "" {
			if r.Build == nil || r.Build.ID != h.Build || r.Build.Playbook == nil {
				return false
			}
			c.build = r.Build
		}
		return slices.Contains(c.held(), name)
	}
	return false
}

// nodes checks P8: who asked for nodes still needs them, and no node is given
// to two.
func (c *checker) nodes() {
	owner := map[NodeID]NodeRequestID{}
	own := func(id NodeRequestID, nodes []ProvidedNode) {
		for _, n := range nodes {
			if other, taken := owner[n.ID]; taken {
				c.fail("P8 nodes", "node %s is given to requests %s and %s", n.ID, other, id)
			}
			owner[n.ID] = id
		}
	}
	n := 0
	c.s.eachItem(func(it *Item) {
		if it.Buildset == nil {
			return
		}
		for _, r := range it.Buildset.Jobs {
			if r.Request == nil {
				continue
			}
			n++
			own(r.Request.ID, r.Request.Nodes)
			if d := c.s.requests[r.Request.ID]; d.run != r {
				c.fail("index", "node request %s is not in the index", r.Request.ID)
			}
			if r.Done() || r.Build != nil && !r.Request.Provided || !it.Live || it.Report != "" {
				c.fail("P8 nodes", "job %s of item %s has nodes that it does not need", r.Job.Name, it.ID)
			}
		}
	})
	if n != len(c.s.requests) {
		c.fail("index", "%d node requests are in the index, %d jobs have one", len(c.s.requests), n)
	}
	for _, a := range c.s.Autoholds {
		if a.Count > a.MaxCount || a.Count != len(a.Held) {
			c.fail("P8 nodes", "autohold request %s holds %d builds of %d, and lists %d", a.ID, a.Count, a.MaxCount, len(a.Held))
		}
		for _, h := range a.Held {
			if !h.Released {
				own(h.Request, h.Nodes)
			}
		}
	}
}
