package scheduler

// Visits tells how many items settling has looked at.
func Visits(s *State) int { return s.visits }
