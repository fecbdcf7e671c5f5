package web

import "github.com/gozer-ci/gozer/scheduler"

// getConnections lists the sources.
func (s *Server) getConnections(c *call) error {
	type connection struct {
		Name              scheduler.ConnectionName `json:"name"`
		Driver            string                   `json:"driver"`
		BaseURL           string                   `json:"baseurl,omitempty"`
		CanonicalHostname string                   `json:"canonical_hostname,omitempty"`
	}
	list := []connection{}
	for _, con := range s.cfg.Connections {
		list = append(list, connection{con.Name, con.Driver, con.BaseURL, con.CanonicalHostname})
	}
	return c.json(list)
}
