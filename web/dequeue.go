package web

// dequeue takes a change or ref out of a pipeline.
func (s *Server) dequeue(c *call) error {
	b, r, err := s.refRequest(c)
	if err != nil {
		return err
	}
	switch {
	case b.Change != nil && b.Ref == nil:
		err = r.setChange(*b.Change)
	case b.Ref != nil && b.Change == nil:
		r.Ref = *b.Ref
	default:
		err = invalid("Either change or ref is needed, not both")
	}
	if err != nil {
		return err
	}
	seq, err := s.deps.Inputs.Dequeue(c.Context(), r)
	return s.accepted(c, seq, err)
}
