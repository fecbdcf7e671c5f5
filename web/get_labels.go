package web

// getLabels lists the labels that jobs may ask for.
func (s *Server) getLabels(c *call) error {
	type label struct {
		Name string `json:"name"`
	}
	list := []label{}
	for _, name := range s.deps.Layouts.Layout(c.tenant).Labels() {
		list = append(list, label{name})
	}
	return c.json(list)
}
