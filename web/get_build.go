package web

import "github.com/gozer-ci/gozer/scheduler"

// getBuild shows one build and what its buildset tested.
func (s *Server) getBuild(c *call) error {
	b, err := s.deps.History.Build(c.Context(), c.tenant, scheduler.BuildID(c.param("uuid")))
	if err != nil {
		return err
	}
	doc := buildOf(b)
	set, err := s.deps.History.Buildset(c.Context(), c.tenant, b.Buildset)
	if err != nil {
		return err
	}
	doc.Buildset.Refs = refsOf(set.Refs)
	return c.json(doc)
}
