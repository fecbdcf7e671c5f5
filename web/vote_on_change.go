package web

// voteOnChange sets a label on the current patchset; value 0 takes it back.
func (s *Server) voteOnChange(c *call) error {
	r, err := s.review(c)
	if err != nil {
		return err
	}
	var b struct {
		Label   string `json:"label"`
		Value   int    `json:"value"`
		Message string `json:"message"`
	}
	if err := readInto(c, &b); err != nil {
		return err
	}
	n := changeNumber(c)
	if err := r.Vote(c.Context(), c.user.UID, n, ReviewVote{Label: b.Label, Value: b.Value, Message: b.Message}); err != nil {
		return err
	}
	return s.sendChange(c, r, n)
}
