package web

import "github.com/gozer-ci/gozer/scheduler"

// getBuildset shows one buildset with its builds and events.
func (s *Server) getBuildset(c *call) error {
	b, err := s.deps.History.Buildset(c.Context(), c.tenant, scheduler.BuildsetID(c.param("uuid")))
	if err != nil {
		return err
	}
	return c.json(buildsetOf(b))
}
