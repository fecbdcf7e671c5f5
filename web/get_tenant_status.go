package web

// getTenantStatus counts configuration errors and warnings.
func (s *Server) getTenantStatus(c *call) error {
	n := len(s.deps.Layouts.Layout(c.tenant).ConfigErrors())
	return c.json(map[string]int{"config_error_count": n})
}
