package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// step is what a reconfiguration does to one tenant.
type step struct{ take func(context.Context) Outcome }

// plan compares the tenants that run with those of the file, by name.
func (a *App) plan(e Extent, wanted map[scheduler.TenantName]*tenants.Tenant, only []scheduler.TenantName) ([]step, error) {
	names := slices.Collect(maps.Keys(wanted))
	names = append(names, a.tenants.names()...)
	slices.Sort(names)
	names = slices.Compact(names)
	if e == Some {
		for _, name := range only {
			if !slices.Contains(names, name) {
				return nil, &scheduler.Rejection{Code: "not_found", Message: fmt.Sprintf("unknown tenant, neither served nor in %s", a.cfg.Tenants), Subject: string(name)}
			}
		}
		names = slices.DeleteFunc(names, func(n scheduler.TenantName) bool { return !slices.Contains(only, n) })
	}
	var out []step
	for _, name := range names {
		out = append(out, a.step(e, name, a.tenants.find(name), wanted[name]))
	}
	return out, nil
}

func (a *App) step(e Extent, name scheduler.TenantName, old *tenant, c *tenants.Tenant) step {
	switch {
	case old == nil:
		return step{func(ctx context.Context) Outcome { return a.addTenant(ctx, c) }}
	case c == nil:
		return step{func(ctx context.Context) Outcome { return a.removeTenant(ctx, old) }}
	case e == Smart && c.SameSettings(old.config()):
		return step{func(context.Context) Outcome { return Outcome{Tenant: name, Happened: Unchanged} }}
	}
	return step{func(ctx context.Context) Outcome {
		return a.reload(ctx, old, c, string(e)+" reconfiguration asked by the operator")
	}}
}

// removeTenant ends a tenant that left the file: its builds are cancelled, its
// items dequeued, and its log says so. The log stays, and is gone on with when
// the tenant comes back.
func (a *App) removeTenant(ctx context.Context, t *tenant) Outcome {
	out := Outcome{Tenant: t.name, Happened: Removed}
	t.leaving.Store(true)
	a.tenants.drop(t.name) // no event comes any more
	if err := t.engine.Err(); err != nil {
		out.Detail = "it had stopped: " + firstLine(err) + "; what it tested stays in its log"
	} else if err := a.emptyTenant(ctx, t); err != nil {
		out.Detail = "its queues are not empty: " + firstLine(err) + "; the rest follows when it comes back"
	}
	t.stop()
	select {
	case <-t.done:
	case <-ctx.Done():
	}
	a.measures.forget(t.name)
	return out
}

// emptyTenant takes a tenant's configuration away and waits until nothing is
// tested and all is reported.
func (a *App) emptyTenant(ctx context.Context, t *tenant) error {
	ctx, cancel := context.WithTimeout(ctx, leavePatience)
	defer cancel()
	request, err := a.ask(ctx, t, "the tenant was removed from the tenant file")
	if err != nil {
		return err
	}
	return a.watch(ctx, t, func(s *scheduler.State, _ uint64) bool {
		return s.Loaded >= request && len(s.Pipelines) == 0 && len(s.Reports) == 0
	})
}

func firstLine(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}
