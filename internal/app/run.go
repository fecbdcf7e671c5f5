package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
	"github.com/gozer-ci/gozer/web/ui"
)

// Version of the program; the build may set it.
var Version = "dev"

// closeGrace is how long requests under way may take when the server stops.
const closeGrace = 5 * time.Second

// Run opens a server and serves until ctx ends. ready is told the public URL
// once requests are answered.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger, ready func(url string)) error {
	a, err := Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(a.Run(ctx, ready), a.Close())
}

// URL is the public URL, without a trailing slash.
func (a *App) URL() string { return a.url }

// NATSAddr is where the embedded broker listens; empty when it does not.
func (a *App) NATSAddr() string { return a.bus.ListenAddr() }

// Run serves until ctx ends or a part that all need fails. A tenant that
// fails stops alone.
func (a *App) Run(ctx context.Context, ready func(url string)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a.openPools(ctx)
	server, err := a.server()
	if err != nil {
		return err
	}
	if err := a.bus.Resumes(ctx, buildWork, func(id string) { a.executor.Resume(scheduler.BuildID(id)) }); err != nil {
		return err
	}
	if err := a.listenToExecutors(ctx); err != nil {
		return err
	}
	parts := []func(context.Context) error{
		a.replica.Run,
		func(ctx context.Context) error { a.executor.Run(ctx); return nil },
		a.serveTenants, a.serveCommands, a.sweepHolds,
		func(ctx context.Context) error { return a.serveHTTP(ctx, server, ready) },
	}
	for _, s := range a.sources {
		parts = append(parts, func(ctx context.Context) error { return s.Run(ctx, a.sink) })
	}
	err = together(ctx, parts...)
	stop()
	a.publishers.wait()
	return err
}

// Tasks at the same time, for all tenants and for each.
const (
	publishersAtOnce = 8
	reportersAtOnce  = 8
)

func (a *App) openPools(ctx context.Context) {
	workers := a.cfg.Merger.Workers
	if workers == 0 {
		workers = 2 * runtime.NumCPU()
	}
	a.turns = make(chan struct{}, workers)
	a.publishers = newPool(ctx, publishersAtOnce, a.log)
	crewCtx, fail := context.WithCancelCause(ctx)
	a.crew.ctx, a.crew.fail, a.crew.workersAtOnce = crewCtx, fail, workers
}

// serveTenants runs the tenants until ctx ends or a part of one fails that all
// need. Reconfigure adds to them and takes from them.
func (a *App) serveTenants(ctx context.Context) error {
	a.reconfiguring.Lock()
	for _, t := range a.tenants.all() {
		a.begin(t)
	}
	a.crew.running = true
	a.reconfiguring.Unlock()
	close(a.crew.began)
	select {
	case <-a.crew.ctx.Done():
	case <-ctx.Done():
	}
	err := context.Cause(a.crew.ctx)
	a.crew.fail(nil)
	a.reconfiguring.Lock() // nothing begins any more
	defer a.reconfiguring.Unlock()
	a.crew.running = false
	a.crew.wg.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (a *App) server() (*web.Server, error) {
	w, err := web.New(web.Config{
		PublicURL: a.url, Version: Version, StaticCacheExpiry: time.Hour, MaxBody: int64(a.cfg.Limits.APIBody), Connections: a.webConnections(),
	}, web.Deps{
		Live: a.replica, Past: lookingBack{a}, History: history{a}, Layouts: layouts{a}, Console: consoles{a}, Logs: logs{a.archive},
		Inputs: inputs{a}, Shared: shared{a}, Verifier: verifier{a}, Auth: a.auth, Reviews: a.reviews(), Components: a.components, NotReady: a.notReady, Stopped: a.stoppedWhy,
		Metrics: a.metrics, UI: pages(a.cfg.UIDir), Git: a.gitHandler(), Log: a.log, Now: time.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("open web server: %w", err)
	}
	return w, nil
}

// pages serves the browser interface, from a directory while it is worked on.
func pages(dir string) http.Handler {
	if dir != "" {
		return ui.FromDisk(dir)
	}
	return ui.Handler()
}

// serveHTTP answers requests until ctx ends, then lets those under way finish.
func (a *App) serveHTTP(ctx context.Context, w *web.Server, ready func(string)) error {
	server := web.NewHTTPServer(w.Handler())
	done := make(chan error, 1)
	go func() { done <- server.Serve(a.listener) }()
	a.log.Info("serving", "url", a.url, "data", a.cfg.Data, "tenants", len(a.tenants.all()), "nats", a.NATSAddr())
	if ready != nil {
		ready(a.url)
	}
	select {
	case err := <-done:
		return fmt.Errorf("serve http: %w", err)
	case <-ctx.Done():
	}
	w.Stop()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close()
	}
	return nil
}

func (a *App) reviews() map[scheduler.ConnectionName]web.Review {
	out := map[scheduler.ConnectionName]web.Review{}
	for name, src := range a.locals {
		out[name] = review{src: src, url: a.url}
	}
	return out
}

// gitHandler serves the repositories of the first local connection below /git.
func (a *App) gitHandler() http.Handler {
	for _, c := range a.cfg.Connections {
		if src := a.locals[scheduler.ConnectionName(c.Name)]; src != nil {
			return http.StripPrefix("/git", src.Handler())
		}
	}
	return nil
}

func (a *App) components() []web.Component {
	var out []web.Component
	for _, kind := range []string{"scheduler", "merger", "executor", "web"} {
		out = append(out, web.Component{Kind: kind, Hostname: hostname(), State: "running", Version: Version})
	}
	return out
}

// notReady lists why the server should get no traffic. A tenant that has
// stopped is no reason: the others go on.
func (a *App) notReady() []string {
	var out []string
	if err := a.bus.Err(); err != nil {
		out = append(out, "bus: "+err.Error())
	}
	if err := a.replica.Ready(); err != nil {
		out = append(out, "readers: "+err.Error())
	}
	return out
}
