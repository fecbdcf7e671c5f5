package sim

import (
	"context"
	"slices"
	"time"
)

func (s *Sim) decide(t *tenant) bool {
	x := s.server(t)
	return x != nil && x.decide(s.rng.IntN(4))
}

func (s *Sim) perform(t *tenant) bool {
	x := s.server(t)
	return x != nil && x.err == nil && x.perform()
}

// project lets the readers of the log catch up with it.
func (s *Sim) project(*tenant) bool {
	for _, p := range s.processes {
		if p.replica == nil {
			continue
		}
		if err := p.replica.CatchUp(context.Background()); err != nil {
			s.fail("replica", "it stopped: %s", firstLines(err.Error()))
		}
		return true
	}
	return false
}

// startServer begins a new life when there is none, or when engines of the one
// there is have stopped.
func (s *Sim) startServer(*tenant) bool {
	for _, p := range s.processes {
		if p.fatal || slices.ContainsFunc(p.parts, func(x *part) bool { return x.err != nil }) {
			p.die()
		}
	}
	s.bury()
	if len(s.processes) > 0 {
		return false
	}
	s.start()
	return true
}

// crash kills one server.
func (s *Sim) crash(*tenant) bool {
	if len(s.processes) == 0 || s.rng.IntN(3) > 0 {
		return false
	}
	pick(s, s.processes).die()
	return true
}

// startRival starts a second server on the same log, as a bad failover does.
func (s *Sim) startRival(*tenant) bool {
	if !s.plan.external || len(s.processes) != 1 {
		return false
	}
	s.start()
	s.covered["rivals"]++
	return true
}

func (s *Sim) stopRival(*tenant) bool {
	if len(s.processes) < 2 {
		return false
	}
	pick(s, s.processes).die()
	return true
}

// loseExecutor ends an executor with all that it runs; another one joins.
func (s *Sim) loseExecutor(*tenant) bool {
	if !s.plan.external || len(s.executors) == 0 {
		return false
	}
	i := s.rng.IntN(len(s.executors))
	s.tell("%s is lost with %d builds", s.executors[i].name, len(s.executors[i].running))
	s.covered["lost executors"]++
	s.executors = slices.Delete(s.executors, i, i+1)
	s.join(nil)
	return true
}

// cutOff keeps an executor from hearing and being heard. It goes on working.
func (s *Sim) cutOff(*tenant) bool {
	if !s.plan.external {
		return false
	}
	e := pick(s, s.executors)
	if !e.reachable {
		return false
	}
	e.reachable = false
	s.tell("%s is cut off", e.name)
	s.covered["executors cut off"]++
	return true
}

// comeBack lets an executor be heard again, with what it has run meanwhile.
func (s *Sim) comeBack(*tenant) bool {
	for _, e := range s.executors {
		if !e.reachable {
			e.reachable = true
			s.tell("%s comes back", e.name)
			s.covered["executors that came back"]++
			return true
		}
	}
	return false
}

// jump sets the clock, forwards or backwards.
func (s *Sim) jump(*tenant) bool {
	by := pick(s, []time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour, time.Minute, -time.Second})
	s.now = s.now.Add(by)
	s.tell("the clock jumps by %s", by)
	if by < 0 {
		s.covered["clock jumps backwards"]++
	}
	return true
}

// trim drops inputs that the log has.
func (s *Sim) trim(t *tenant) bool {
	if t.mark.Stream != t.inputs.id || t.mark.Seq <= t.inputs.first {
		return false
	}
	t.inputs.trim(t.mark.Seq)
	return true
}

// newStream replaces a stream that is wholly decided by an empty one. Who reads
// the old one must begin anew.
func (s *Sim) newStream(t *tenant) bool {
	if t.mark.Stream != t.inputs.id || t.mark.Seq != t.inputs.last() || s.rng.IntN(4) > 0 {
		return false
	}
	t.inputs.renew()
	for _, p := range s.processes {
		p.die()
	}
	s.covered["streams made anew"]++
	return true
}
