package web

import "net/http"

// createReviewProject makes a repository.
func (s *Server) createReviewProject(c *call) error {
	r, err := s.review(c)
	if err != nil {
		return err
	}
	var b struct {
		Name          string `json:"name"`
		DefaultBranch string `json:"default_branch"`
	}
	if err := readInto(c, &b); err != nil {
		return err
	}
	p, err := r.CreateProject(c.Context(), c.user.UID, b.Name, b.DefaultBranch)
	if err != nil {
		return err
	}
	return c.jsonStatus(http.StatusCreated, reviewProjectOf(p))
}
