package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/internal/tenantfile"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// Extent says how much a reconfiguration loads again (Zuul documentation,
// "Reconfiguration").
type Extent string

// The extents.
const (
	// Full reads every project of every tenant again.
	Full Extent = "full"
	// Smart loads the tenants whose block of the tenant file changed.
	Smart Extent = "smart"
	// Some is Full for the tenants that are named.
	Some Extent = "tenant"
)

// Happening is what became of a tenant in one word.
type Happening string

// The happenings.
const (
	Loaded    Happening = "loaded"
	Kept      Happening = "kept" // the last good layout stays
	Added     Happening = "added"
	Removed   Happening = "removed"
	Unchanged Happening = "unchanged"
	Stopped   Happening = "stopped" // it had stopped before; nothing was done
)

// Outcome is what a reconfiguration did to one tenant.
type Outcome struct {
	Tenant   scheduler.TenantName `json:"tenant"`
	Happened Happening            `json:"happened"`
	// Problems counts errors and warnings of the configuration in force.
	Problems int    `json:"problems"`
	Detail   string `json:"detail,omitempty"`
}

// How long a reconfiguration waits for a tenant's configuration, and for the
// last reports of one that leaves. What takes longer goes on without it.
const (
	loadPatience  = 2 * time.Minute
	leavePatience = 15 * time.Second
)

// Reconfigure reads the tenant file again and brings the tenants that the
// extent names in line with it, without disturbing the others. It returns when
// that is done. A file that is wrong changes nothing: the error says where.
func (a *App) Reconfigure(ctx context.Context, e Extent, names ...scheduler.TenantName) ([]Outcome, error) {
	ctx, done, err := a.changeTenants(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	wanted, err := a.readTenants(ctx)
	if err != nil {
		return nil, err
	}
	steps, err := a.plan(e, wanted, names)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, len(steps))
	var wg sync.WaitGroup
	for i, s := range steps {
		wg.Go(func() { out[i] = s.take(ctx) })
	}
	wg.Wait()
	a.limitSemaphores()
	for _, o := range out {
		a.log.Info("reconfigured", "extent", e, "tenant", o.Tenant, "happened", o.Happened, "problems", o.Problems, "detail", o.Detail)
	}
	return out, nil
}

// changeTenants waits until the server runs and nobody else changes its
// tenants. The context ends with the server.
func (a *App) changeTenants(ctx context.Context) (_ context.Context, done func(), _ error) {
	select {
	case <-a.crew.began:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	a.reconfiguring.Lock()
	if !a.crew.running {
		a.reconfiguring.Unlock()
		return nil, nil, errors.New("the server stops; it reads the tenant file when it starts")
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(a.crew.ctx, cancel)
	return ctx, func() { stop(); cancel(); a.reconfiguring.Unlock() }, nil
}

// readTenants reads the tenant file for a reconfiguration: it must be right as
// a whole. An empty file is rather one that is just being written.
func (a *App) readTenants(ctx context.Context) (map[scheduler.TenantName]*tenants.Tenant, error) {
	data, err := tenantfile.Read(ctx, a.cfg.Tenants)
	if err != nil {
		return nil, fmt.Errorf("read tenant file: %w; nothing was changed", err)
	}
	list, problems := a.parseTenants(data)
	if problems.HasErrors() {
		return nil, fmt.Errorf("the tenant file is wrong, so nothing was changed:\n%s", problems.Errors())
	}
	if len(list) == 0 && !slices.Contains(data, '[') {
		return nil, fmt.Errorf("tenant file %s is empty, so nothing was changed; write [] to have no tenants", a.cfg.Tenants)
	}
	out := map[scheduler.TenantName]*tenants.Tenant{}
	for _, t := range list {
		out[t.Name] = t
	}
	return out, nil
}

func (a *App) parseTenants(data []byte) ([]*tenants.Tenant, tenants.Diagnostics) {
	list, problems := tenants.ParseTenants(a.cfg.Tenants, data, Connections(a.cfg))
	for _, c := range list {
		if c.WebRoot == "" {
			c.WebRoot = a.url + "/t/" + string(c.Name) + "/"
		}
		c.RelativePriority = a.cfg.Scheduler.RelativePriority
	}
	return list, problems
}

// openTenants reads the tenant file at start. Tenants that it describes
// wrongly are left out and told; the others run.
func (a *App) openTenants(ctx context.Context) error {
	data, err := tenantfile.Read(ctx, a.cfg.Tenants)
	if errors.Is(err, fs.ErrNotExist) {
		a.log.Warn("there is no tenant file, so there are no tenants", "file", a.cfg.Tenants)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read tenant file: %w", err)
	}
	list, problems := a.parseTenants(data)
	for _, p := range problems {
		a.log.Error("tenant file", "problem", p.Short())
	}
	if len(list) == 0 && problems.HasErrors() {
		return fmt.Errorf("no tenant of %s can be used:\n%s", a.cfg.Tenants, problems)
	}
	for _, c := range list {
		a.tenants.put(a.newTenant(c))
	}
	a.replica.Track(a.tenants.names()...)
	return nil
}

// addTenant starts a tenant that was not served. One that was there before
// goes on with its log.
func (a *App) addTenant(ctx context.Context, c *tenants.Tenant) Outcome {
	t := a.newTenant(c)
	a.replica.Track(t.name)
	a.tenants.put(t)
	a.begin(t)
	return a.outcome(ctx, t, Added, 1)
}

// reload gives a running tenant its block as it is now and loads its
// configuration. What it tests goes on; the events that follow wait for the
// new layout.
func (a *App) reload(ctx context.Context, t *tenant, c *tenants.Tenant, reason string) Outcome {
	if err := t.engine.Err(); err != nil {
		t.described.Store(c) // counts when the tenant is released
		return Outcome{Tenant: t.name, Happened: Stopped, Detail: firstLine(err) + "; release it with: gozer admin release-tenant " + string(t.name)}
	}
	t.preparer.Use(c, true)
	t.loads.expect()
	request, err := a.ask(ctx, t, reason)
	if err != nil {
		return Outcome{Tenant: t.name, Happened: Kept, Detail: err.Error()}
	}
	t.described.Store(c)
	return a.outcome(ctx, t, Loaded, request)
}

// ask makes a tenant ask for its configuration and returns the number of the
// request once it is durable.
func (a *App) ask(ctx context.Context, t *tenant, reason string) (request uint64, err error) {
	committed := make(chan struct{})
	t.engine.Submit(engine.Delivery{
		Command: scheduler.Reconfigure{ID: commandID(), Reason: reason}, Committed: sync.OnceFunc(func() { close(committed) }),
	})
	select {
	case <-committed:
	case <-t.done:
		return 0, fmt.Errorf("the tenant has stopped: %w", t.engine.Err())
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	seq := t.engine.Head().Seq
	err = a.watch(ctx, t, func(s *scheduler.State, at uint64) bool {
		request = s.Requested
		return at >= seq
	})
	return request, err
}

// outcome waits until a tenant has the layout of a request.
func (a *App) outcome(ctx context.Context, t *tenant, happened Happening, request uint64) Outcome {
	ctx, cancel := context.WithTimeout(ctx, loadPatience)
	defer cancel()
	out := Outcome{Tenant: t.name, Happened: happened}
	err := t.loads.await(ctx, request, t.done)
	if err == nil {
		err = a.watch(ctx, t, func(s *scheduler.State, _ uint64) bool {
			out.Problems = s.LayoutErrors
			return s.Loaded >= max(request, t.loads.newest())
		})
	}
	if err != nil {
		out.Detail = fmt.Sprintf("its configuration is not loaded yet: %s; it is tried until it succeeds", firstLine(err))
		if happened == Loaded {
			out.Happened = Kept
		}
	}
	return out
}

// watch returns when the state of a tenant is as wanted. It fails when the
// tenant ends before, or with ctx.
func (a *App) watch(ctx context.Context, t *tenant, ok func(s *scheduler.State, seq uint64) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes := a.replica.Subscribe(ctx, t.name)
	for {
		reached := false
		// A tenant that is still being read is not as wanted yet.
		_ = a.replica.View(t.name, func(s *scheduler.State, seq uint64) { reached = ok(s, seq) })
		if reached {
			return nil
		}
		select {
		case _, open := <-changes:
			if !open {
				return errors.Join(ctx.Err(), fmt.Errorf("tenant %s can't be read", t.name))
			}
		case <-t.done:
			return fmt.Errorf("the tenant has stopped: %w", t.engine.Err())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
