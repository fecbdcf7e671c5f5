package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/scheduler"
)

// buildWork is the kind of work messages that ask for builds.
const buildWork = "build"

// prepareAttempts is how often an item's preparation is tried before the
// change is told that it can't be done.
const prepareAttempts = 6

// perform hands an effect of a tenant to whoever carries it out; it returns at
// once. Lanes keep what must stay in order: what is asked of one build, and
// what one queue reports.
func (a *App) perform(t *tenant, f scheduler.Effect) {
	switch f := f.(type) {
	case scheduler.LoadLayout:
		if t.leaving.Load() {
			t.noLayout(f)
			return
		}
		t.workers.do("layout", func(ctx context.Context) { a.loadLayout(ctx, t, f) })
	case scheduler.PrepareItem:
		t.workers.do("prepare/"+string(f.Buildset), func(ctx context.Context) { a.prepare(ctx, t, f) })
	case scheduler.StartBuild:
		a.publishers.do("build/"+string(f.Build), func(ctx context.Context) { a.startBuild(ctx, t, f) })
	case scheduler.CancelBuild:
		a.publishers.do("build/"+string(f.Build), func(ctx context.Context) { a.cancelBuild(ctx, f) })
	case scheduler.ResumeBuild:
		a.publishers.do("build/"+string(f.Build), func(ctx context.Context) { a.resumeBuild(ctx, f) })
	case scheduler.FindOpenChanges:
		t.workers.do("open/"+string(f.Report), func(ctx context.Context) { a.findOpenChanges(ctx, t, f) })
	case scheduler.FindArtifacts:
		t.workers.do("find/"+string(f.Buildset), func(ctx context.Context) { a.findArtifacts(ctx, t, f) })
	case scheduler.Report:
		t.reporters.do(reportLane(f), func(ctx context.Context) { a.report(ctx, t, f) })
	default:
		a.performShared(f)
	}
}

// reportLane keeps the reports of one change in order.
func reportLane(f scheduler.Report) string {
	return fmt.Sprintf("%s/%s", f.Refs[0].Project, f.Refs[0].ID())
}

// inTurn runs try when it is its turn to work on repositories. Pauses between
// attempts are outside of it.
func (a *App) inTurn(try func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case a.turns <- struct{}{}:
			defer func() { <-a.turns }()
			return try(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// prepare answers with what the preparer found. When it can't find anything
// the change is told, since its author can do more about it than waiting.
func (a *App) prepare(ctx context.Context, t *tenant, f scheduler.PrepareItem) {
	select {
	case <-t.preparer.Loaded():
	case <-ctx.Done():
		return
	}
	var answer scheduler.PreparedItem
	err := persist(ctx, a.log, "prepare item", prepareAttempts, a.inTurn(func(ctx context.Context) (err error) {
		answer, err = t.preparer.Prepare(ctx, f)
		return err
	}))
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		a.log.Error("item can't be prepared", "tenant", t.name, "item", f.Item, "err", err)
		answer = scheduler.PreparedItem{
			Item: f.Item, Buildset: f.Buildset, InPipeline: true,
			ConfigErrors: []string{"Gozer could not prepare this change; the server's log says why. Enqueue it again when that is mended."},
		}
	}
	t.submit(answer)
}

func (a *App) startBuild(ctx context.Context, t *tenant, f scheduler.StartBuild) {
	// What can be encoded here was decoded from a commit before.
	data, err := json.Marshal(executor.Request{Start: f, LogURL: a.url + "/logs"})
	if err != nil {
		a.log.Error("build can't be requested", "build", f.Build, "err", err)
		return
	}
	tooLarge := false
	_ = persist(ctx, a.log, "request build", 0, func(ctx context.Context) error {
		err := a.bus.PublishWork(ctx, buildWork, a.cfg.Executor.Zone, int(f.Precedence), string(f.Build), data)
		if tooLarge = errors.Is(err, bus.ErrTooLarge); tooLarge {
			return nil
		}
		return err
	})
	if tooLarge { // what many jobs before it returned adds up
		t.submit(scheduler.CompletedBuild{
			Build: f.Build, Result: scheduler.ResultError,
			Detail: fmt.Sprintf("the build's variables and what the jobs before it returned have %d bytes, more than a message may", len(data)),
		})
	}
}

func (a *App) cancelBuild(ctx context.Context, f scheduler.CancelBuild) {
	err := a.bus.DropWork(ctx, buildWork, string(f.Build))
	if err == nil {
		err = a.bus.PublishCancel(ctx, buildWork, string(f.Build), f.Reason)
	}
	if err != nil && ctx.Err() == nil {
		// The build goes on and its result is ignored.
		a.log.Warn("build not canceled", "build", f.Build, "err", err)
	}
}
