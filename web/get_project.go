package web

// getProject shows a project by short or canonical name.
func (s *Server) getProject(c *call) error {
	p, err := s.deps.Layouts.Layout(c.tenant).Project(c.param("project_name"))
	if err != nil {
		return err
	}
	return c.json(p)
}
