package web

// getChange shows a change with patchsets, votes, comments and dependencies.
func (s *Server) getChange(c *call) error {
	r, err := s.review(c)
	if err != nil {
		return err
	}
	ch, err := r.Change(c.Context(), changeNumber(c))
	if err != nil {
		return err
	}
	return c.json(changeOf(ch))
}
