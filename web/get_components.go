package web

// getComponents lists running parts by kind.
func (s *Server) getComponents(c *call) error {
	type component struct {
		Hostname string  `json:"hostname"`
		State    string  `json:"state"`
		Version  *string `json:"version"`
	}
	kinds := make(map[string][]component)
	for _, p := range s.deps.Components() {
		kinds[p.Kind] = append(kinds[p.Kind], component{p.Hostname, p.State, orNull(p.Version)})
	}
	return c.json(kinds)
}
