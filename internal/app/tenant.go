package app

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/preparer"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// tenant is everything that runs for one tenant.
type tenant struct {
	name     scheduler.TenantName
	config   *tenants.Tenant
	engine   *engine.Engine
	preparer *preparer.Preparer
	log      *slog.Logger
	// Pools live as long as App.Run. Each tenant has its own, so that one whose
	// repositories or source fail keeps nobody else waiting.
	workers, reporters *pool

	trimmed uint64 // inputs up to here were dropped; the engine's goroutine only
}

// run serves the tenant until ctx ends. An error stops this tenant only.
func (t *tenant) run(ctx context.Context, b *bus.Bus) error {
	results, err := b.Results(ctx, t.name)
	if err != nil {
		return err
	}
	go t.feed(results)
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
