package sim

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog/memory"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// Options say what to play.
type Options struct {
	Seed  uint64
	Steps int
	// Keep says whether a step is played; nil plays all.
	Keep func(step int) bool
	// Without names moves and faults that are left out.
	Without map[string]bool
	// Only plays the moves of one tenant, by its number from 1, and none that
	// concern several; 0 plays all.
	Only int
	// Calm leaves out everything that concerns several tenants, as Only does.
	Calm bool
	// Open leaves the run as it is after the last step.
	Open bool
	// Trace keeps a line for each thing that happens.
	Trace bool
	// Trap is one more promise, of a test: it is asked after each step, and is
	// broken when it says why.
	Trap func(Coverage) string
	// Dir is where files of read models are made; empty is the system's.
	Dir string
}

// Result is what a run left behind.
type Result struct {
	// Failure is the first broken promise; nil when all were kept.
	Failure *Failure
	// Heads are the hashes of the last records, by tenant: equal hashes mean
	// equal logs, byte for byte.
	Heads map[scheduler.TenantName]string
	// Before are the heads after the last step, before everything could end.
	Before map[scheduler.TenantName]string
	// Tenants in order; Shared says that they gate the same projects.
	Tenants []scheduler.TenantName
	Shared  bool
	// Steps is how many were played before the failure.
	Steps   int
	Events  int
	Covered Coverage
	Trace   []string
}

// Failure is a broken promise.
type Failure struct {
	Property, Detail string
	Step             int
}

func (f *Failure) Error() string { return f.Property + ": " + f.Detail }

// Sim is one run.
type Sim struct {
	o    Options
	plan plan
	pcg  *rand.PCG
	rng  *rand.Rand
	step int
	now  time.Time
	// calm switches the faults off.
	calm bool

	log    *memory.Log
	codec  *wire.Codec // of who looks at the log from outside
	snaps  *snapshots
	models *models

	tenants   []*tenant
	forges    []*forge
	processes []*process
	executors []*executor
	ordinal   int // last number given to a process or executor

	covered Coverage
	failure *Failure
	trace   []string
	dir     string
	owner   map[string]scheduler.TenantName // of identifiers
	events  int
	before  map[scheduler.TenantName]string
}

// Run plays a run. The error says that it could not be played at all.
func Run(o Options) (*Result, error) {
	dir, err := os.MkdirTemp(o.Dir, "gozer-sim-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // nothing in it is needed
	s := newSim(o, dir)
	defer s.models.close()
	s.play()
	return s.result(), nil
}

func newSim(o Options, dir string) *Sim {
	pcg := rand.NewPCG(o.Seed, 0)
	s := &Sim{
		o: o, pcg: pcg, rng: rand.New(pcg), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), step: -1,
		log: memory.New(), covered: Coverage{}, dir: dir, owner: map[string]scheduler.TenantName{},
	}
	s.codec = wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return s.log.Blob(context.Background(), h) })
	s.plan = drawPlan(s.rng, o.Seed)
	s.snaps = newSnapshots(s)
	s.models = &models{s: s, path: filepath.Join(dir, "models.db")}
	for i := range s.plan.tenants {
		if i == 0 || !s.plan.shared {
			s.forges = append(s.forges, newForge(s, len(s.forges)))
		}
		s.tenants = append(s.tenants, newTenant(s, i, s.forges[len(s.forges)-1]))
	}
	if s.plan.external {
		for range s.plan.executors {
			s.join(nil)
		}
	}
	return s
}

// play runs the steps, lets everything end, and looks at what is left.
func (s *Sim) play() {
	defer s.guard()
	s.models.open()
	s.start()
	for s.step = 0; s.step < s.o.Steps && s.failure == nil; s.step++ {
		s.playStep()
	}
	s.before = s.heads()
	if s.failure == nil && !s.o.Open {
		s.end()
	}
}

// guard turns a panic of the simulated server into a failure.
func (s *Sim) guard() {
	if p := recover(); p != nil {
		s.fail("panic", "%v", firstLines(fmt.Sprint(p)))
		if s.o.Trace {
			panic(p)
		}
	}
}

// playStep draws a step and carries it out, unless it is left out.
func (s *Sim) playStep() {
	s.pcg.Seed(s.o.Seed, uint64(s.step)+1)
	s.now = s.now.Add(time.Duration(s.rng.IntN(4000)) * time.Millisecond)
	who := s.rng.IntN(len(s.tenants))
	if s.o.Keep != nil && !s.o.Keep(s.step) {
		return
	}
	if s.o.Only > 0 && who != s.o.Only-1 {
		return
	}
	// A move that finds nothing to do makes room for another.
	for range 3 {
		m := drawMove(s.rng, s.plan.weights)
		if s.o.Without[m.name] || m.shared && (s.o.Only > 0 || s.o.Calm) {
			continue
		}
		did := m.do(s, s.tenants[who])
		s.bury()
		if did {
			s.covered["move: "+m.name]++
			break
		}
	}
	s.check()
}

// fail keeps the first broken promise.
func (s *Sim) fail(property, format string, args ...any) {
	if s.failure == nil {
		s.failure = &Failure{Property: property, Detail: fmt.Sprintf(format, args...), Step: s.step}
		s.tell("%s: %s", property, s.failure.Detail)
	}
}

// tell adds a line to the trace.
func (s *Sim) tell(format string, args ...any) {
	if s.o.Trace {
		s.trace = append(s.trace, fmt.Sprintf("%5d  ", s.step)+fmt.Sprintf(format, args...))
	}
}

// strikes decides whether a fault happens here.
func (s *Sim) strikes(fault string) bool {
	n := s.plan.chance[fault]
	if n == 0 || s.rng.IntN(n) > 0 || s.calm || s.o.Without[fault] {
		return false
	}
	if faultsOfAll[fault] && (s.o.Only > 0 || s.o.Calm) {
		return false
	}
	s.covered["fault: "+fault]++
	s.tell("fault: %s", fault)
	return true
}

func (s *Sim) result() *Result {
	r := &Result{
		Failure: s.failure, Heads: s.heads(), Before: s.before, Steps: min(s.step, s.o.Steps),
		Events: s.events, Covered: s.covered, Trace: s.trace, Shared: s.plan.shared,
	}
	for _, t := range s.tenants {
		r.Tenants = append(r.Tenants, t.name)
	}
	return r
}

func (s *Sim) heads() map[scheduler.TenantName]string {
	out := map[scheduler.TenantName]string{}
	for _, t := range s.tenants {
		out[t.name] = fmt.Sprintf("%d %x", t.head.Seq, t.head.Hash)
	}
	return out
}

// entropy never gives a tenant the same twice, whoever asks.
func (t *tenant) entropy() (b [16]byte) {
	t.drawn++
	binary.BigEndian.PutUint64(b[:], t.s.o.Seed<<8+uint64(t.number))
	binary.BigEndian.PutUint64(b[8:], t.drawn)
	return b
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// pick draws an element; the list must not be empty.
func pick[T any](s *Sim, list []T) T { return list[s.rng.IntN(len(list))] }
