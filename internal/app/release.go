package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/scheduler"
)

// Released says that a tenant runs again that had stopped.
const Released Happening = "released"

// Release starts a tenant again that has stopped, without the others noticing.
// That is sound because its log was never wrong: the new life reads it as a new
// process would, and gets the inputs that came meanwhile. With skip the inputs
// that broke it are passed over; the log keeps no trace of them but their
// sequence.
func (a *App) Release(ctx context.Context, name scheduler.TenantName, skip bool) (Outcome, error) {
	ctx, done, err := a.changeTenants(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer done()
	old := a.tenants.find(name)
	if old == nil {
		return Outcome{}, &scheduler.Rejection{Code: "not_found", Message: "unknown tenant", Subject: string(name)}
	}
	cause := old.engine.Err()
	if cause == nil {
		return Outcome{}, fmt.Errorf("tenant %s runs; there is nothing to release", name)
	}
	var upTo uint64
	if broken, ok := errors.AsType[*engine.BrokenError](cause); skip && ok {
		upTo = broken.Input
	}
	if skip && upTo == 0 {
		return Outcome{}, fmt.Errorf("tenant %s was not stopped by an input, so there is none to skip", name)
	}
	select {
	case <-old.done: // what was kept of it is written
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	}
	t := a.newTenantSkipping(old.config(), upTo)
	a.tenants.put(t)
	a.measures.release(name)
	a.begin(t)
	out := a.outcome(ctx, t, Released, 1)
	if err := t.engine.Err(); err != nil {
		out.Happened, out.Detail = Stopped, "it stopped again: "+firstLine(err)
	} else if n := old.lost.count(); n > 0 {
		out.Detail = joinText(out.Detail, fmt.Sprintf("%d events were dropped while it was stopped", n))
	}
	a.log.Warn("tenant released", "tenant", name, "happened", out.Happened, "skipped", upTo, "detail", out.Detail)
	return out, nil
}

func joinText(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// StoppedTenant says why a tenant does not run.
type StoppedTenant struct {
	Tenant scheduler.TenantName `json:"tenant"`
	State  string               `json:"state"` // error
	Reason string               `json:"reason"`
	// Dropped counts events that it could not take since.
	Dropped int `json:"dropped"`
}

// Stopped lists the tenants that should run and do not.
func (a *App) Stopped() []StoppedTenant {
	out := []StoppedTenant{}
	for _, t := range a.tenants.all() {
		if err := t.engine.Err(); err != nil {
			out = append(out, StoppedTenant{Tenant: t.name, State: "error", Reason: firstLine(err), Dropped: t.lost.count()})
		}
	}
	return out
}

// stoppedWhy is why one tenant does not run; empty while it does.
func (a *App) stoppedWhy(name scheduler.TenantName) string {
	if t := a.tenants.find(name); t != nil {
		if err := t.engine.Err(); err != nil {
			return firstLine(err)
		}
	}
	return ""
}
