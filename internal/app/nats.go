package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/source/natssource"
	"github.com/gozer-ci/gozer/scheduler"
)

// openNATS makes the connections through which other programs send events.
func (a *App) openNATS(context.Context) error {
	for name := range a.nats {
		a.nats[name] = natssource.New(natssource.Config{
			Connection: name, Broker: a.bus, Resolver: resolver{a}, Sink: a.sinkTenant, Now: time.Now, Log: a.log,
		})
	}
	return nil
}

// sinkTenant stores an event for one tenant.
func (a *App) sinkTenant(ctx context.Context, t scheduler.TenantName, e scheduler.TriggerEvent) error {
	return a.storeEvents(ctx, t, []scheduler.TriggerEvent{e})
}

// publishReport tells the subscribers of a NATS connection. A report that
// can't be published now is tried until it can; the error is a refusal.
func (a *App) publishReport(ctx context.Context, f scheduler.Report, r scheduler.Reporter) (refused error) {
	f.Reporters = []scheduler.Reporter{r}
	_ = persist(ctx, a.log, "publish report", 0, func(ctx context.Context) error {
		err := a.nats[r.Connection].Report(ctx, f)
		if e := (*source.Error)(nil); errors.As(err, &e) {
			a.log.Warn("report refused", "connection", r.Connection, "report", f.Report, "err", err)
			refused = e
			return nil
		}
		return err
	})
	return refused
}

// resolver finds what an event of another program means.
type resolver struct{ app *App }

// project finds a project of the tenant with its source.
func (r resolver) project(t scheduler.TenantName, name string) (source.Source, string, scheduler.ProjectName, error) {
	x := r.app.tenants.find(t)
	if x == nil {
		return nil, "", "", &source.Error{Code: source.CodeNotFound, Message: "unknown tenant " + string(t)}
	}
	p := x.config().Project(name)
	if p == nil {
		return nil, "", "", &source.Error{Code: source.CodeNotFound, Message: fmt.Sprintf("tenant %s has no project %s", t, name)}
	}
	src, short, ok := r.app.sources.Find(p.Canonical)
	if !ok {
		return nil, "", "", &source.Error{Code: source.CodeNotFound, Message: fmt.Sprintf("project %s is in no source", p.Canonical)}
	}
	return src, short, p.Canonical, nil
}

// Ref returns a branch or tag with the commit that it points to now.
func (r resolver) Ref(ctx context.Context, t scheduler.TenantName, project, ref string) (scheduler.Ref, error) {
	src, short, canonical, err := r.project(t, project)
	if err != nil {
		return scheduler.Ref{}, err
	}
	dir, err := src.Repository(ctx, short)
	if err != nil {
		return scheduler.Ref{}, err
	}
	out := scheduler.Ref{Connection: src.Connection(), Project: canonical, Name: short, Ref: ref}
	out.Branch = branchOf(ref)
	out.NewRev, err = r.app.git.Repo(dir).Resolve(ctx, ref)
	if errors.Is(err, git.ErrMissing) {
		return out, &source.Error{Code: source.CodeNotFound, Message: fmt.Sprintf("project %s has no %s", short, ref)}
	}
	return out, err
}

// Change returns current facts about a change and what belongs to it.
func (r resolver) Change(ctx context.Context, t scheduler.TenantName, project string, number int) ([]scheduler.Change, error) {
	src, short, _, err := r.project(t, project)
	if err != nil {
		return nil, err
	}
	return src.Closure(ctx, short, number)
}
