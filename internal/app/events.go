package app

import (
	"context"
	"github.com/gozer-ci/gozer/scheduler"
)

// sink takes an event of a source and stores it for every tenant that has the
// project. It returns once none of them can lose it.
func (a *App) sink(ctx context.Context, e scheduler.TriggerEvent) error {
	for _, t := range a.tenantsOf(e.Ref.Project) {
		if err := a.sinkTenant(ctx, t.name, e); err != nil {
			return err
		}
	}
	return nil
}

// tenantsOf lists the tenants that have a project, in name order.
func (a *App) tenantsOf(p scheduler.ProjectName) []*tenant {
	var out []*tenant
	for _, t := range a.tenants {
		if t.config.Project(string(p)) != nil {
			out = append(out, t)
		}
	}
	return out
}
