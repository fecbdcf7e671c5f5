package web

// getReviewProjects lists the repositories of a code review.
func (s *Server) getReviewProjects(c *call) error {
	r, err := s.review(c)
	if err != nil {
		return err
	}
	projects, err := r.Projects(c.Context())
	if err != nil {
		return err
	}
	list := []reviewProjectDoc{}
	for _, p := range projects {
		list = append(list, reviewProjectOf(p))
	}
	return c.json(list)
}
