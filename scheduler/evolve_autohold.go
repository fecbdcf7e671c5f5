package scheduler

import "slices"

func (s *State) autoholdRequested(e AutoholdRequested) {
	s.recent.add(e.Command)
	s.AutoholdsMade++
	s.Autoholds = append(s.Autoholds, &Autohold{
		ID: e.Autohold, Project: e.Project, Job: e.Job, Filter: e.Filter, MaxCount: e.MaxCount, Reason: e.Reason,
		NodeExpiration: e.NodeExpiration,
	})
}

// buildHeld moves the nodes of a build from its job to the request.
func (s *State) buildHeld(e BuildHeld) {
	a := s.Autohold(e.Autohold)
	a.Count++
	if e.Exhausted {
		a.Expired = e.Time
	}
	a.Held = append(a.Held, HeldBuild{
		Build: e.Build, Buildset: e.Buildset, Request: e.Request, Nodes: e.Nodes, Since: e.Time, Until: e.Until,
	})
	if d, ok := s.requests[e.Request]; ok {
		s.dropRequest(d.run)
	}
}

func (s *State) holdReleased(e HoldReleased) {
	a := s.Autohold(e.Autohold)
	for i := range a.Held {
		if a.Held[i].Build == e.Build {
			a.Held[i].Released = true
		}
	}
}

func (s *State) autoholdDeleted(e AutoholdDeleted) {
	s.recent.add(e.Command)
	s.Autoholds = slices.DeleteFunc(s.Autoholds, func(a *Autohold) bool { return a.ID == e.Autohold })
}

// holdsNodes reports whether the nodes of a request are kept by an autohold.
func (s *State) holdsNodes(id NodeRequestID) bool {
	for _, a := range s.Autoholds {
		for _, h := range a.Held {
			if h.Request == id && !h.Released {
				return true
			}
		}
	}
	return false
}

// HoldsBuild reports whether an autohold keeps what is left of a build.
func (s *State) HoldsBuild(id BuildID) bool {
	for _, a := range s.Autoholds {
		for _, h := range a.Held {
			if h.Build == id && !h.Released {
				return true
			}
		}
	}
	return false
}
