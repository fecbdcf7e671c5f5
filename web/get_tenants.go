package web

import "github.com/gozer-ci/gozer/scheduler"

// getTenants lists the tenants by name.
func (s *Server) getTenants(c *call) error {
	type tenant struct {
		Name scheduler.TenantName `json:"name"`
	}
	list := []tenant{}
	for _, name := range s.deps.Layouts.Tenants() {
		list = append(list, tenant{name})
	}
	c.w.Header().Set("Cache-Control", "public, max-age=1")
	return c.json(list)
}
