package sim

import (
	"fmt"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/scheduler"
)

// end looks at everything with the faults still on, then switches them off and
// lets everything finish. What an effect lost for ever would leave behind is
// left behind then: nothing is asked again without a reason of the server's own.
func (s *Sim) end() {
	s.project(nil)
	s.checkStates()
	s.verify()
	s.calm = true
	s.mend()
	s.drain()
	s.finalChecks()
	if s.failure != nil {
		return
	}
	s.covered["drained"]++
	// Once more from what is on the disk alone.
	for _, p := range s.processes {
		p.die()
	}
	s.bury()
	s.start()
	s.drain()
	s.finalChecks()
}

// mend ends what no server can wait out: a rival, a failed disk, executors
// that are cut off, and queues that an operator has stopped.
func (s *Sim) mend() {
	for len(s.processes) > 1 {
		s.processes[1].die()
		s.bury()
	}
	s.startServer(nil)
	for s.comeBack(nil) {
	}
	for _, t := range s.tenants {
		s.releaseQueues(t)
	}
	if s.covered["rivals"] > 0 {
		// The survivor learns the last words of the other with its next commit.
		for _, x := range s.processes[0].parts {
			x.engine.Submit(engine.Delivery{Command: scheduler.Reconfigure{Reason: "a rival is gone"}})
		}
	}
}

// mostRounds is far more than any run needs to come to rest.
const mostRounds = 5000

// drain lets machines work until nothing is left to do.
func (s *Sim) drain() {
	for range mostRounds {
		if s.failure != nil || !s.round() {
			return
		}
	}
	s.fail("P10 drained", "nothing comes to rest")
}

// round lets every machine do a bit; it reports whether any had something to do.
func (s *Sim) round() bool {
	did := false
	for _, t := range s.tenants {
		x := s.processes[0].parts[t.number]
		for t.forge.deliverEvents() {
			did = true
		}
		did = s.take(t) || did
		did = s.finish(t) || did
		for s.deliver(t) {
			did = true
		}
		s.expire(t)
		for s.provide(t) {
			did = true
		}
		s.tick(t)
		did = x.perform() || did
		for range 4 {
			did = x.decide(3) || did
		}
	}
	if !did {
		// What is not settled is looked at only when nothing else is to do.
		for _, t := range s.tenants {
			did = s.monitor(t) || did
		}
	}
	s.check()
	return did
}

// finalChecks holds that nothing is left (P10), that nothing was lost, and that
// all that is derived from the log is what the log says (P11).
func (s *Sim) finalChecks() {
	if s.failure != nil {
		return
	}
	for _, t := range s.tenants {
		s.drained(t)
		s.complete(t)
		s.leftovers(t)
	}
	s.checkStates()
	s.project(nil)
	s.verify()
	if r := s.processes[0].replica; s.failure == nil {
		for _, t := range s.tenants {
			err := r.View(t.name, func(state *scheduler.State, seq uint64) {
				if seq != t.head.Seq {
					s.fail("replica", "it is at commit %d of %d", seq, t.head.Seq)
				}
				s.compare("P11 replica", "the replica's state", t, state)
			})
			if err != nil {
				s.fail("replica", "%v", err)
			}
		}
	}
}

func (s *Sim) drained(t *tenant) {
	state := t.folded
	for _, p := range state.Pipelines {
		for _, q := range p.Queues {
			if len(q.Items) > 0 {
				s.fail("P10 drained", "pipeline %s of %s still holds %d items\n%s", p.Config.Name, t.name, len(q.Items), scheduler.Describe(state))
			}
		}
	}
	for _, f := range scheduler.OpenEffects(state) {
		s.fail("P10 drained", "a %T of %s was asked and never answered", f, t.name)
	}
	if n := len(state.Inbox); n > 0 {
		s.fail("P10 drained", "%d events of %s were never handled", n, t.name)
	}
	if len(t.results)+len(t.work) > 0 {
		s.fail("P10 drained", "%d answers and %d builds of %s are left", len(t.results), len(t.work), t.name)
	}
	if v := len(state.Holders); v > 0 {
		s.fail("P7 semaphores", "%d semaphores of %s are held by nobody", v, t.name)
	}
}

// complete holds that what was stored for the tenant is in its log, and that
// every report that the log asks for was made.
func (s *Sim) complete(t *tenant) {
	for _, id := range t.watch.awaited {
		if !t.watch.taken[id] {
			s.fail("durable", "%s was stored for %s and is not in its log", id, t.name)
		}
	}
	for _, r := range t.watch.asked {
		for i := range r.e.Reporters {
			id := scheduler.ReportID(fmt.Sprintf("%s-%d", r.e.Report, i))
			if _, ok := t.forge.told[id]; !ok {
				s.fail("P10 reports", "report %s of %s was never made", id, t.name)
			}
		}
	}
}
