package web

// getChangeDiff shows what a patchset changes.
func (s *Server) getChangeDiff(c *call) error {
	r, err := s.review(c)
	if err != nil {
		return err
	}
	diff, err := r.Diff(c.Context(), changeNumber(c), number(c.URL.Query(), "patchset", 0))
	if err != nil {
		return err
	}
	return c.text(diff)
}
