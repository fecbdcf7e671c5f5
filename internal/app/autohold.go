package app

import (
	"context"
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// CreateAutohold stores the wish to keep failing builds.
func (i inputs) CreateAutohold(ctx context.Context, r web.AutoholdRequest) (uint64, error) {
	c := scheduler.CreateAutohold{
		ID: commandID(), Project: r.Project, Job: r.Job, RefFilter: r.RefFilter, Count: r.Count, Reason: r.Reason,
		NodeExpiration: i.holdExpiration(r.NodeExpiration), Actor: r.Actor,
	}
	if r.Change > 0 {
		// Every source names the refs of changes this way.
		c.RefFilter = fmt.Sprintf("refs/changes/%02d/%d/.*", r.Change%100, r.Change)
	}
	return i.send(ctx, r.Tenant, string(c.ID), c)
}

// holdExpiration is how long nodes are kept: what was asked for, or the
// default, but no longer than the operator allows.
func (i inputs) holdExpiration(asked *time.Duration) time.Duration {
	s := i.app.cfg.Scheduler
	d := s.DefaultHoldExpiration
	switch {
	case asked != nil:
		d = *asked
	case d == 0:
		d = s.MaxHoldExpiration
	}
	if most := s.MaxHoldExpiration; most > 0 && (d == 0 || d > most) {
		return most
	}
	return d
}

// DeleteAutohold stores the wish to end an autohold request.
func (i inputs) DeleteAutohold(ctx context.Context, t scheduler.TenantName, id scheduler.AutoholdID, actor string) (uint64, error) {
	c := scheduler.DeleteAutohold{ID: commandID(), Autohold: id, Actor: actor}
	return i.send(ctx, t, string(c.ID), c)
}

// shared shows the web server what tenants share.
type shared struct{ app *App }

func (s shared) Holders(name scheduler.SemaphoreName) map[scheduler.TenantName]int {
	return s.app.arbiter.Holders(name)
}

func (s shared) FailRequest(t scheduler.TenantName, id scheduler.NodeRequestID, detail string) bool {
	return s.app.nodes.Fail(t, id, detail)
}
