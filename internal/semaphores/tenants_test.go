package semaphores_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gozer-ci/gozer/internal/semaphores"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// TestTenantsShare lets two tenants compete for two global semaphores in
// opposite order, with jobs that fail, changes that are abandoned and restarts
// of the arbiter, and shows that no more than allowed hold one, and that all
// end.
func TestTenantsShare(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		share(t, seed)
	}
}

// shared is two tenants with one arbiter between them.
type shared struct {
	t       *testing.T
	seed    uint64
	worlds  map[scheduler.TenantName]*schedtest.World
	arbiter *semaphores.Arbiter
	grants  map[scheduler.TenantName][]scheduler.GrantedSemaphores
}

func share(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 2))
	s := &shared{t: t, seed: seed, worlds: map[scheduler.TenantName]*schedtest.World{}}
	for _, name := range []scheduler.TenantName{"x", "y"} {
		s.worlds[name] = newWorld(name, seed)
	}
	s.restart()
	for range 60 {
		w := s.worlds[[]scheduler.TenantName{"x", "y"}[rng.IntN(2)]]
		switch n := rng.IntN(12); {
		case n == 0 && len(w.Changes) < 6:
			w.Gate(w.NewChange(len(w.Changes)+1, "org/project"))
		case n == 1 && len(w.Changes) > 0:
			c := w.Changes[scheduler.ChangeKey{Project: schedtest.Canonical("org/project"), Number: 1 + rng.IntN(len(w.Changes))}]
			if c.Open {
				c.Open = false
				w.Trigger("change-abandoned", c, nil)
			}
		case n == 2:
			s.restart()
		case n < 7:
			s.deliver(1)
		case len(w.Running) > 0:
			w.Finish(w.Running[rng.IntN(len(w.Running))])
		}
		w.Settle()
		s.sync()
	}
	for range 1000 {
		busy := s.deliver(1000)
		for _, w := range s.worlds {
			w.Settle()
			if len(w.Running) > 0 {
				w.Finish(w.Running[0])
				busy = true
			}
		}
		s.sync()
		if !busy {
			break
		}
	}
	for name, w := range s.worlds {
		for _, q := range w.S.Pipeline("gate").Queues {
			if len(q.Items) > 0 {
				t.Fatalf("seed %d: tenant %s waits for ever\n%s", seed, name, scheduler.Describe(w.S))
			}
		}
	}
	for _, sem := range []scheduler.SemaphoreName{"a", "b"} {
		if left := s.arbiter.Holders(sem); len(left) > 0 {
			t.Fatalf("seed %d: %s is left to %v", seed, sem, left)
		}
	}
}

func newWorld(name scheduler.TenantName, seed uint64) *schedtest.World {
	l := schedtest.Standard()
	l.GlobalSemaphores = map[scheduler.SemaphoreName]int{"a": 1, "b": 1}
	w := schedtest.New(l, seed)
	w.S.Tenant = name
	w.Hold, w.HoldGrants = true, true
	w.Graph = func(scheduler.PipelineName, []scheduler.Ref, scheduler.Ref) *scheduler.JobGraph {
		job := func(name scheduler.JobName, names ...scheduler.SemaphoreName) scheduler.FrozenJob {
			return scheduler.FrozenJob{Name: name, Voting: true, Attempts: 1, Semaphores: names}
		}
		first := job("both", "a", "b")
		first.Nodeset.Nodes = []scheduler.Node{{Name: "node", Label: "small"}}
		first.ResourcesFirst = []scheduler.SemaphoreName{map[bool]scheduler.SemaphoreName{true: "a", false: "b"}[name == "x"]}
		return &scheduler.JobGraph{Hash: scheduler.Hash("graph of " + name), Jobs: []scheduler.FrozenJob{first, job("only-a", "a"), job("only-b", "b")}}
	}
	return w
}

// restart makes a new arbiter, which knows what the tenants say.
func (s *shared) restart() {
	s.grants = map[scheduler.TenantName][]scheduler.GrantedSemaphores{}
	s.arbiter = semaphores.New([]scheduler.TenantName{"x", "y"}, func(t scheduler.TenantName, g scheduler.GrantedSemaphores) {
		s.grants[t] = append(s.grants[t], g)
	})
	for name, w := range s.worlds {
		asks, _ := scheduler.Claims(w.S)
		s.arbiter.Restore(name, asks)
	}
}

// deliver hands n grants to their tenants; it reports whether there was one.
func (s *shared) deliver(n int) (some bool) {
	for name, w := range s.worlds {
		for ; n > 0 && len(s.grants[name]) > 0; n-- {
			g := s.grants[name][0]
			s.grants[name] = s.grants[name][1:]
			w.Do(g)
			w.Settle()
			s.sync()
			some = true
		}
	}
	return some
}

// sync tells the arbiter what the tenants decided and checks that no more than
// one holds a semaphore.
func (s *shared) sync() {
	for name, w := range s.worlds {
		asks, _ := scheduler.Claims(w.S)
		known := map[scheduler.AskID]bool{}
		for _, a := range asks {
			known[a.Ask] = true
			if !a.Held {
				s.arbiter.Acquire(a)
			}
		}
		for _, e := range w.Events {
			if r, ok := e.(scheduler.SemaphoresReleased); ok && r.Ask != "" && !known[r.Ask] {
				s.arbiter.Release(scheduler.ReleaseSemaphores{Tenant: name, Ask: r.Ask})
			}
		}
		if v := scheduler.Check(w.S); len(v) > 0 {
			s.t.Fatalf("seed %d: %s", s.seed, v[0])
		}
	}
	for _, sem := range []scheduler.SemaphoreName{"a", "b"} {
		if n := len(s.worlds["x"].S.Holders[sem]) + len(s.worlds["y"].S.Holders[sem]); n > 1 {
			s.t.Fatalf("seed %d: %s has %s", s.seed, sem, fmt.Sprint(n, " holders"))
		}
	}
}
