package web

// getChanges lists changes, the last updated first.
func (s *Server) getChanges(c *call) error {
	r, err := s.review(c)
	if err != nil {
		return err
	}
	q := c.URL.Query()
	changes, err := r.Changes(c.Context(), ChangeFilter{
		Project: q.Get("project"), Branch: q.Get("branch"), Owner: q.Get("owner"), Status: q.Get("status"),
		Limit: number(q, "limit", 50), Skip: number(q, "skip", 0),
	})
	if err != nil {
		return err
	}
	list := []changeSummaryDoc{}
	for _, ch := range changes {
		list = append(list, changeSummaryOf(ch))
	}
	return c.json(list)
}
