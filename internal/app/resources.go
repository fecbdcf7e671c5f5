package app

import (
	"context"
	"time"

	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/internal/nodes"
	"github.com/gozer-ci/gozer/internal/semaphores"
	"github.com/gozer-ci/gozer/scheduler"
)

// openResources makes what tenants share: the arbiter of global semaphores
// and the providers of nodes. Both are told what a tenant has when its state
// is loaded.
func (a *App) openResources(context.Context) error {
	a.arbiter = semaphores.New(a.tenants.names(), func(t scheduler.TenantName, g scheduler.GrantedSemaphores) { a.answer(t, g) })
	a.limitSemaphores()
	labels := map[string]int{}
	for _, l := range a.cfg.Nodes.Labels {
		labels[l.Name] = l.Count
	}
	a.nodes = nodes.New(nodes.Config{
		Providers: []nodes.Provider{nodes.NewSandbox(labels, a.labelAllowed)},
		Answer:    func(t scheduler.TenantName, n scheduler.ProvidedNodes) { a.answer(t, n) },
		Log:       a.log, Now: time.Now,
	})
	a.onClose(a.nodes.Close)
	return nil
}

// answer hands a command to a tenant. One that is not served now asks again
// when it is.
func (a *App) answer(name scheduler.TenantName, c scheduler.Command) {
	if t := a.tenants.find(name); t != nil {
		t.submit(c)
	}
}

// limitSemaphores tells the arbiter how many may hold each global semaphore:
// the tenant file says the same to all tenants.
func (a *App) limitSemaphores() {
	limits := map[scheduler.SemaphoreName]int{}
	for _, t := range a.tenants.all() {
		for name, n := range t.config().GlobalSemaphores {
			limits[name] = max(limits[name], n)
		}
	}
	a.arbiter.Limit(limits)
}

// labelAllowed reports whether a tenant may use a label (Zuul documentation,
// "Tenant: allowed-labels").
func (a *App) labelAllowed(name scheduler.TenantName, label string) bool {
	t := a.tenants.find(name)
	return t != nil && t.config().AllowsLabel(label)
}

// tenantLoaded tells arbiter and providers what the state of a tenant holds
// and waits for.
func (a *App) tenantLoaded(t *tenant, s *scheduler.State) {
	t.known.Store(true)
	asks, requests := scheduler.Claims(s)
	a.limitSemaphores()
	a.arbiter.Restore(t.name, asks)
	a.nodes.Restore(t.name, requests)
}

// tenantEnded frees what a tenant had that left, or that could not be loaded:
// none of its builds runs. One that broke keeps it, as its builds go on.
func (a *App) tenantEnded(t *tenant) {
	if t.leaving.Load() || !t.known.Load() {
		a.arbiter.Forget(t.name)
		a.nodes.Restore(t.name, nil)
	}
}

// performShared hands on the effects that concern what tenants share; it
// reports whether f was one of them.
func (a *App) performShared(f scheduler.Effect) bool {
	switch f := f.(type) {
	case scheduler.AcquireSemaphores:
		a.arbiter.Acquire(f)
	case scheduler.ReleaseSemaphores:
		a.arbiter.Release(f)
	case scheduler.GrantSemaphores:
		a.publishers.do("build/"+string(f.Build), func(ctx context.Context) { a.grantPlaybook(ctx, f) })
	case scheduler.RequestNodes:
		a.nodes.Request(f)
	case scheduler.RankNodes:
		a.nodes.Rank(f)
	case scheduler.ReleaseNodes:
		a.nodes.Release(f)
	case scheduler.ReleaseHold:
		a.publishers.do("hold/"+string(f.Build), func(ctx context.Context) { a.releaseHold(ctx, f) })
	default:
		return false
	}
	return true
}

func (a *App) grantPlaybook(ctx context.Context, f scheduler.GrantSemaphores) {
	if err := a.bus.PublishGrant(ctx, buildWork, string(f.Build), f.Number); err != nil && ctx.Err() == nil {
		a.log.Warn("playbook not told of its semaphores; it asks again", "build", f.Build, "err", err)
	}
}

// holdWork is the kind of messages that let go of what is kept of builds.
const holdWork = "hold"

func (a *App) releaseHold(ctx context.Context, f scheduler.ReleaseHold) {
	if err := a.bus.PublishCancel(ctx, holdWork, string(f.Build), "released"); err != nil && ctx.Err() == nil {
		a.log.Warn("held build not released; that is tried again", "build", f.Build, "err", err)
	}
}

// listenToExecutors lets the executor of this process hear what concerns its
// builds.
func (a *App) listenToExecutors(ctx context.Context) error {
	err := a.bus.Cancels(ctx, buildWork, func(c bus.Cancel) { a.executor.Cancel(scheduler.BuildID(c.ID), c.Reason) })
	if err == nil {
		err = a.bus.Cancels(ctx, holdWork, func(c bus.Cancel) { a.executor.LetGo(scheduler.BuildID(c.ID)) })
	}
	if err == nil {
		err = a.bus.Grants(ctx, buildWork, func(g bus.Grant) { a.executor.Granted(scheduler.BuildID(g.ID), g.Number) })
	}
	return err
}

// decisionWait is how long an executor keeps the workspace of a failed build
// until its tenant has decided whether it is held.
const decisionWait = 30 * time.Second

// holds reports whether an autohold keeps a build, once its tenant has decided
// that. It says false when that takes too long.
func (a *App) holds(ctx context.Context, name scheduler.TenantName, id scheduler.BuildID) (held bool) {
	t := a.tenants.find(name)
	if t == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, decisionWait)
	defer cancel()
	_ = a.watch(ctx, t, func(s *scheduler.State, _ uint64) bool {
		held = s.HoldsBuild(id)
		b := s.Build(id)
		return held || b == nil || b.Result != ""
	})
	return held
}

// sweepEvery is how often it is looked for workspaces that are kept although
// nobody holds them any more: a message may have been lost.
const sweepEvery = 10 * time.Minute

// sweepHolds lets go of builds that no tenant holds.
func (a *App) sweepHolds(ctx context.Context) error {
	for {
		for _, h := range a.executor.Kept() {
			kept := false
			t := a.tenants.find(h.Tenant)
			if t == nil {
				continue // it may come back
			}
			err := a.watch(ctx, t, func(s *scheduler.State, seq uint64) bool {
				kept = s.HoldsBuild(h.Build)
				return seq >= t.engine.Head().Seq
			})
			if err == nil && !kept {
				a.executor.LetGo(h.Build)
			}
		}
		select {
		case <-time.After(sweepEvery):
		case <-ctx.Done():
			return nil
		}
	}
}
