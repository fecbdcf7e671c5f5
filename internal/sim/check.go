package sim

import (
	"bytes"
	"context"
	"os"
	"strings"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// Steps between looks that cost as much as a state is large, and between those
// that read the whole log. Faults stay on meanwhile.
const (
	deepEvery   = 50
	verifyEvery = 500
)

// check holds what must be true after every step, and now and then more.
func (s *Sim) check() {
	for _, p := range s.processes {
		for _, x := range p.parts {
			if x.touched && x.err == nil {
				x.touched = false
				s.settled(x)
			}
		}
	}
	if s.o.Trap != nil && !s.calm {
		if why := s.o.Trap(s.covered); why != "" {
			s.fail("trap", "%s", why)
		}
	}
	if s.step%deepEvery == deepEvery-1 {
		s.checkStates()
	}
	if s.step%verifyEvery == verifyEvery-1 {
		s.project(nil)
		s.verify()
	}
}

// settled holds the invariants of a settled state, and that a naive pass over
// every item finds nothing left to do.
func (s *Sim) settled(x *part) {
	state := x.engine.State()
	for _, v := range scheduler.Check(state) {
		if strings.Contains(v.Detail, "holders of") {
			continue // a limit that was lowered binds who comes next: the observer knows
		}
		s.fail(v.Property, "%s: %s", x.t.name, v.Detail)
	}
	for _, d := range schedtest.NaiveDifferences(state) {
		s.fail("P4 naive pass", "%s: %s", x.t.name, d)
	}
}

// checkStates compares the live states with the folded ones (P11).
func (s *Sim) checkStates() {
	for _, p := range s.processes {
		for _, x := range p.parts {
			if x.err == nil {
				s.sameState("P11 fold", "the live state", x)
			}
		}
	}
}

// sameState compares an engine's state with that of the observer. An engine
// that lags behind another one's commits is not compared.
func (s *Sim) sameState(property, what string, x *part) {
	if x.engine.Head() != x.t.head {
		return
	}
	s.compare(property, what, x.t, x.engine.State())
}

func (s *Sim) compare(property, what string, t *tenant, state *scheduler.State) {
	have, err := scheduler.Snapshot(state)
	if err != nil {
		s.fail(property, "%s of %s has no snapshot: %v", what, t.name, err)
		return
	}
	want, err := scheduler.Snapshot(t.folded)
	if err != nil {
		s.fail(property, "the folded state of %s has no snapshot: %v", t.name, err)
		return
	}
	s.covered["states compared"]++
	if !bytes.Equal(have, want) {
		s.fail(property, "%s of %s is not what its log folds to: %s", what, t.name, firstDifference(have, want))
	}
}

// verify lets the server's own verification look at everything: chains, the
// fold of the whole log, the replica's states, and read models rebuilt.
func (s *Sim) verify() {
	if s.failure != nil || s.models.store == nil {
		return
	}
	dir, err := os.MkdirTemp(s.dir, "verify")
	if err != nil {
		s.fail("verify", "%v", err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }() // the run's directory goes in the end
	cfg := replica.VerifyConfig{
		Log: s.log, Snapshots: whole{s.snaps}, Decode: s.codec.DecodeEvents, Models: s.models.store,
		Dir: dir, Logger: quiet(),
	}
	for _, p := range s.processes {
		if p.replica != nil {
			cfg.View = p.replica.View
			for _, at := range p.replica.Status() {
				if at.Folded == 0 {
					cfg.View = nil // it has not looked yet
				}
			}
		}
	}
	v, err := replica.Verify(context.Background(), cfg)
	if err != nil {
		s.fail("verify", "%v", err)
		return
	}
	s.covered["verifications"]++
	for _, t := range v.Tenants {
		for _, problem := range t.Problems {
			s.fail("P11 verify", "%s: %s", t.Tenant, problem)
		}
		for _, d := range t.Differences {
			s.fail("read models", "%s: %s", t.Tenant, d)
		}
	}
}

// whole shows the newest snapshot that nobody damaged.
type whole struct{ *snapshots }

// Latest implements replica.Snapshots.
func (w whole) Latest(_ context.Context, t scheduler.TenantName, _ uint64) (*eventlog.Snapshot, []eventlog.SnapshotDamage, error) {
	if snap, ok := w.last[t]; ok {
		return &snap, nil, nil
	}
	return nil, nil, nil
}

// firstDifference shows where two encoded states part.
func firstDifference(have, want []byte) string {
	const around = 100
	at := 0
	for at < len(have) && at < len(want) && have[at] == want[at] {
		at++
	}
	cut := func(b []byte) string { return string(b[min(max(at-around, 0), len(b)):min(at+around, len(b))]) }
	return "it has " + cut(have) + " and the log gives " + cut(want)
}
