package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/preparer"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// tenant is everything that runs for one tenant, from its start to its end. A
// tenant that comes back after its end is another one.
type tenant struct {
	name     scheduler.TenantName
	engine   *engine.Engine
	preparer *preparer.Preparer
	log      *slog.Logger
	// Each tenant has pools of its own, so that one whose repositories or
	// source fail keeps nobody else waiting.
	workers, reporters *pool

	described atomic.Pointer[tenants.Tenant]
	loads     loads
	// leaving says that the tenant is no longer in the tenant file: whatever
	// configuration it asks for, it gets none.
	leaving atomic.Bool
	lost    losses
	known   atomic.Bool // its state was loaded once

	stop context.CancelFunc
	done chan struct{} // closed when nothing of it runs any more

	trimmed uint64 // inputs up to here were dropped; the engine's goroutine only
}

// config is the tenant as its block of the tenant file describes it.
func (t *tenant) config() *tenants.Tenant { return t.described.Load() }

func (a *App) newTenant(c *tenants.Tenant) *tenant { return a.newTenantSkipping(c, 0) }

// newTenantSkipping passes inputs over; see engine.Config.
func (a *App) newTenantSkipping(c *tenants.Tenant, skip uint64) *tenant {
	t := &tenant{name: c.Name, log: a.log, done: make(chan struct{})}
	t.described.Store(c)
	t.loads.changed = make(chan struct{})
	t.preparer = preparer.New(preparer.Config{Tenant: c, Merger: a.merger, DefaultBranch: a.defaultBranch, Logger: a.log})
	t.engine = engine.New(engine.Config{
		Tenant: c.Name, Log: a.eventlog, Codec: a.codec, Snapshots: a.snapshots,
		SnapshotEvery: uint64(a.cfg.Snapshots.Every), Inputs: busInputs{a.bus}, Skip: skip,
		Perform: func(f scheduler.Effect) { a.perform(t, f) }, Alive: a.executorLives,
		Loaded: func(s *scheduler.State) { a.tenantLoaded(t, s) },
		Now:    time.Now, Entropy: entropy, Logger: a.log, Observe: func(c engine.Commit) { a.observe(t, c) },
	})
	return t
}

// executorLives reports whether an executor is the one of this process: a
// tenant that starts again beside it goes on with what runs there.
func (a *App) executorLives(name scheduler.ExecutorName) bool { return name == a.executorName }

// crew runs the tenants of a running server.
type crew struct {
	ctx  context.Context // of Run
	fail context.CancelCauseFunc
	wg   sync.WaitGroup
	// workersAtOnce is how many tasks of a tenant run at the same time.
	workersAtOnce int
	// began is closed when the first tenants began; running says that others
	// may, and the App's reconfiguring guards it.
	began   chan struct{}
	running bool
}

// begin starts a tenant, which runs until its end or that of Run.
func (a *App) begin(t *tenant) {
	ctx, stop := context.WithCancel(a.crew.ctx)
	t.stop = stop
	t.workers = newPool(ctx, a.crew.workersAtOnce, a.log)
	t.reporters = newPool(ctx, reportersAtOnce, a.log)
	a.crew.wg.Go(func() {
		defer close(t.done)
		a.serveTenant(ctx, t)
	})
}

// serveTenant runs the engine of a tenant and what brings it events. When it
// can't go on, the others do.
func (a *App) serveTenant(ctx context.Context, t *tenant) {
	var beside sync.WaitGroup
	for _, n := range a.nats {
		beside.Go(func() {
			if err := n.Serve(ctx, t.name); err != nil && ctx.Err() == nil {
				a.crew.fail(err)
			}
		})
	}
	err := t.run(ctx, a.bus, &beside)
	if err != nil && ctx.Err() == nil {
		a.tenantStopped(ctx, t, err)
	}
	t.stop()
	a.tenantEnded(t)
	beside.Wait()
	t.workers.wait()
	t.reporters.wait()
}

// run decides until ctx ends. An error stops this tenant only.
func (t *tenant) run(ctx context.Context, b *bus.Bus, beside *sync.WaitGroup) error {
	results, err := b.Results(ctx, t.name)
	if err != nil {
		t.engine.Fail(err)
		return err
	}
	beside.Go(func() { t.feed(results) })
	return t.engine.Run(ctx)
}

// feed hands workers' answers to the engine; each is acknowledged when its
// commit is durable.
func (t *tenant) feed(results *bus.Results) {
	for r := range results.C {
		c, err := wire.DecodeCommand(r.Data)
		if err != nil {
			t.log.Error("answer passed over", "tenant", t.name, "err", err)
			r.Ack()
			continue
		}
		t.engine.Submit(engine.Delivery{Command: c, Committed: r.Ack})
	}
}

// submit hands the engine an answer from inside the process. When it is lost
// with the process, the question is asked again.
func (t *tenant) submit(c scheduler.Command) { t.engine.Submit(engine.Delivery{Command: c}) }

// trimEvery is how many decided inputs may wait to be dropped from the bus.
const trimEvery = 1000

// observe is told of each commit of a tenant, by its engine. What is decided
// is in the log and need not stay among the inputs.
func (a *App) observe(t *tenant, c engine.Commit) {
	a.measures.commit(c)
	if c.Input < t.trimmed+trimEvery {
		return
	}
	t.trimmed = c.Input
	a.publishers.do("trim/"+string(t.name), func(ctx context.Context) {
		if err := a.bus.TrimInputs(ctx, t.name, c.Input); err != nil && ctx.Err() == nil {
			a.log.Warn("decided inputs not dropped", "tenant", t.name, "err", err)
		}
	})
}

// busInputs opens a tenant's durable inputs on the bus.
type busInputs struct{ bus *bus.Bus }

func (i busInputs) Open(ctx context.Context, t scheduler.TenantName, mark eventlog.InputMark) (engine.Stream, error) {
	id, err := i.bus.InputStreamID(ctx, t)
	if err != nil {
		return engine.Stream{}, err
	}
	after := mark.Seq
	if mark.Stream != "" && mark.Stream != id {
		after = 0 // another stream: its sequences start anew
	}
	in, err := i.bus.Inputs(ctx, t, after)
	if err != nil {
		return engine.Stream{}, err
	}
	c := make(chan engine.Input)
	go func() {
		defer close(c)
		for m := range in.C {
			select {
			case c <- engine.Input{Seq: m.Seq, Data: m.Data}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return engine.Stream{ID: id, C: c, Fail: func() error {
		if err := in.Err(); err != nil {
			return err
		}
		return fmt.Errorf("the stream was closed")
	}}, nil
}
