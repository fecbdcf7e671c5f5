package local_test

import "testing"

func TestPendingCountsWhatIsNotDelivered(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if n := s.Pending(); n != 0 {
		t.Errorf("%d events wait in an empty source", n)
	}
	c := s.project("p") // its first push is an event
	c.commit("f", "x", "Write f")
	c.propose()
	if n := s.Pending(); n != 2 {
		t.Errorf("%d events wait, want 2", n)
	}
	s.collect(2)
	if n := s.Pending(); n != 0 {
		t.Errorf("%d events wait after they were delivered", n)
	}
}
