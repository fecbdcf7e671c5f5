package sim

import (
	"context"
	"errors"
	"time"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/internal/semaphores"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// process is one life of a server: the engines of all tenants, what they asked
// for and is not done, and the readers of the log. All of it is gone with it.
type process struct {
	s      *Sim
	number int
	// dead says that nothing of what it does happens any more; buried that the
	// world knows. After fatal the log takes no more of it.
	dead, buried, fatal bool
	// rival says that it fights with another server for the same tenants.
	rival bool

	parts   []*part // by tenant
	arbiter *semaphores.Arbiter
	nodes   *provider
	replica *replica.Replica
}

// part is what a process has of one tenant.
type part struct {
	p      *process
	t      *tenant
	engine *engine.Engine
	err    error // why the engine stopped
	next   uint64
	lanes  []*lane
	loaded bool // a configuration was loaded in this life
	// touched says that the engine worked since the last check.
	touched bool
}

// start begins a new life. It may end before it is one.
func (s *Sim) start() *process {
	s.ordinal++
	p := &process{s: s, number: s.ordinal, rival: len(s.processes) > 0}
	s.processes = append(s.processes, p)
	var names []scheduler.TenantName
	for _, t := range s.tenants {
		names = append(names, t.name)
	}
	p.nodes, p.arbiter = newProvider(), semaphores.New(names, p.granted)
	p.arbiter.Limit(map[scheduler.SemaphoreName]int{"global": 1})
	s.tell("server %d starts", p.number)
	log := disk{s, p}
	snaps := snapshotsOf{s.snaps, p}
	codec := wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return log.Blob(context.Background(), h) })
	if !s.plan.external {
		for range s.plan.executors {
			s.join(p)
		}
	}
	if !p.rival {
		p.replica = replica.New(replica.Config{
			Log: log, Snapshots: snaps, Decode: codec.DecodeEvents, Models: s.models, Logger: quiet(), RetryAfter: time.Nanosecond,
		})
	}
	for _, t := range s.tenants {
		part := &part{p: p, t: t}
		p.parts = append(p.parts, part)
		part.engine = engine.New(part.config(log, codec, snaps))
		part.begin()
	}
	s.covered["starts"]++
	return p
}

func (x *part) config(log eventlog.Log, codec *wire.Codec, snaps eventlog.Snapshots) engine.Config {
	s := x.p.s
	return engine.Config{
		Tenant: x.t.name, Log: log, Codec: codec, Snapshots: snaps, SnapshotEvery: s.plan.snapshotEvery,
		Perform: x.ask, Loaded: x.told, Alive: x.p.alive, Now: func() time.Time { return s.now }, Entropy: x.t.entropy, Logger: quiet(),
		Pause:  func(context.Context, time.Duration) {},
		Beside: func(task func()) { task() },
	}
}

// begin loads the tenant's state, looks at it, and goes on from there.
func (x *part) begin() {
	s := x.p.s
	s.pcg.Seed(s.o.Seed, uint64(s.step+1)<<8|uint64(x.t.number)|1<<40) // whatever the others drew
	mark, err := x.engine.Load(context.Background())
	if err == nil && !x.p.dead {
		s.sameState("P11 fold", "the state that a start loaded", x)
	}
	if err == nil {
		x.next = x.t.inputs.first
		if mark.Stream == x.t.inputs.id {
			x.next = mark.Seq + 1
		}
		err = x.engine.Resume(context.Background(), x.t.inputs.id)
	}
	x.ended(err)
	x.touched = true
}

// decide lets the engine decide what was answered and up to n inputs.
func (x *part) decide(n int) bool {
	if x.err != nil || x.p.dead {
		return false
	}
	q := &x.t.inputs
	x.next = max(x.next, q.first)
	var list []engine.Input
	for ; n > 0 && x.next <= q.last(); n-- {
		list = append(list, engine.Input{Seq: x.next, Data: q.items[x.next-q.first].data})
		x.next++
	}
	before := x.t.head.Seq
	x.ended(x.engine.Step(context.Background(), list...))
	x.touched = true
	return len(list) > 0 || x.t.head.Seq != before
}

// ended notes why an engine can't go on. A disk that failed may end it; any
// other reason is a mistake.
func (x *part) ended(err error) {
	if err == nil || x.p.dead {
		return
	}
	x.err = err
	x.p.s.tell("engine of %s stops: %v", x.t.name, err)
	if !errors.Is(err, eventlog.ErrFatal) && !errors.Is(err, eventlog.ErrClosed) {
		x.p.s.fail("engine", "it stopped: %s", firstLines(err.Error()))
	}
}

// die ends a process between two instructions.
func (p *process) die() {
	if !p.dead {
		p.dead = true
		p.s.tell("server %d dies", p.number)
		p.s.covered["crashes"]++
	}
}

// bury takes what dead processes had out of the world. It runs between moves,
// when no code of theirs is under way.
func (s *Sim) bury() {
	for i := 0; i < len(s.processes); i++ {
		p := s.processes[i]
		if !p.dead || p.buried {
			continue
		}
		p.buried = true
		s.processes = append(s.processes[:i:i], s.processes[i+1:]...)
		i--
		for _, t := range s.tenants {
			t.orphaned(p)
		}
		if !s.plan.external {
			s.leave(p)
		}
		if !p.rival {
			s.models.reopen()
		}
	}
	if len(s.processes) > 0 && s.processes[0].rival {
		s.promote(s.processes[0])
	}
}

// promote makes the rival that is left the server.
func (s *Sim) promote(p *process) {
	p.rival = false
	p.replica = replica.New(replica.Config{
		Log: disk{s, p}, Snapshots: snapshotsOf{s.snaps, p}, Decode: s.codec.DecodeEvents, Models: s.models, Logger: quiet(), RetryAfter: time.Nanosecond,
	})
}

// orphaned gives what a dead process held back to the broker, or, when the
// broker lived in it, to nobody.
func (t *tenant) orphaned(p *process) {
	if !t.s.plan.external {
		t.results, t.work = nil, nil
		return
	}
	for _, r := range t.results {
		if r.holder == p {
			r.holder = nil
		}
	}
}

// server is the process to ask for something of a tenant: any that lives.
func (s *Sim) server(t *tenant) *part {
	if len(s.processes) == 0 {
		return nil
	}
	return pick(s, s.processes).parts[t.number]
}
