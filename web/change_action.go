package web

import "context"

// commentOnChange adds a comment.
func (s *Server) commentOnChange(c *call) error { return s.actOnChange(c, Review.Comment) }

// approveChange gives every vote that an approval needs.
func (s *Server) approveChange(c *call) error { return s.actOnChange(c, Review.Approve) }

// abandonChange gives a change up.
func (s *Server) abandonChange(c *call) error { return s.actOnChange(c, Review.Abandon) }

// restoreChange takes an abandoned change up again.
func (s *Server) restoreChange(c *call) error { return s.actOnChange(c, Review.Restore) }

// actOnChange does something with a message to a change and shows it.
func (s *Server) actOnChange(c *call, act func(Review, context.Context, string, int, string) error) error {
	r, err := s.review(c)
	if err != nil {
		return err
	}
	var b struct {
		Message string `json:"message"`
	}
	if err := readInto(c, &b); err != nil {
		return err
	}
	n := changeNumber(c)
	if err := act(r, c.Context(), c.user.UID, n, b.Message); err != nil {
		return err
	}
	return s.sendChange(c, r, n)
}

// sendChange answers a write with what the change has become.
func (s *Server) sendChange(c *call, r Review, n int) error {
	ch, err := r.Change(c.Context(), n)
	if err != nil {
		return err
	}
	return c.json(changeOf(ch))
}
