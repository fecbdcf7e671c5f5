package web

import "github.com/gozer-ci/gozer/scheduler"

// getProjects lists the projects of a tenant by name.
func (s *Server) getProjects(c *call) error {
	type project struct {
		Name           string                   `json:"name"`
		ConnectionName scheduler.ConnectionName `json:"connection_name"`
		CanonicalName  scheduler.ProjectName    `json:"canonical_name"`
		Type           string                   `json:"type"`
	}
	list := []project{}
	for _, p := range s.deps.Layouts.Layout(c.tenant).Projects() {
		kind := "untrusted"
		if p.Trusted {
			kind = "config"
		}
		list = append(list, project{p.Name, p.Connection, p.Canonical, kind})
	}
	return c.json(list)
}
