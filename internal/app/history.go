package app

import (
	"context"
	"errors"
	"time"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// history shows the read models to the web.
type history struct{ app *App }

// rowError turns a missing row into a refusal that the web knows.
func rowError(err error, subject string) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &scheduler.Rejection{Code: "not_found", Message: "there is no such row", Subject: subject}
	case errors.Is(err, store.ErrFilter):
		return &scheduler.Rejection{Code: "invalid", Message: err.Error(), Subject: subject}
	case errors.Is(err, store.ErrDamaged):
		// The replica has been told and fills them from the log.
		return &scheduler.Rejection{Code: "unavailable", Message: "the read models were damaged and are being made anew; ask again", Subject: subject}
	}
	return err
}

func page(p web.Page) store.Page {
	return store.Page{Limit: p.Limit, Skip: p.Skip, MinID: p.MinID, MaxID: p.MaxID}
}

func (h history) Builds(ctx context.Context, t scheduler.TenantName, f web.BuildFilter) ([]web.Build, error) {
	list, err := h.app.store.Builds(ctx, t, store.BuildFilter{
		Projects: f.Projects, Pipelines: f.Pipelines, Branches: f.Branches, Jobs: f.Jobs, Changes: f.Changes,
		Patchsets: f.Patchsets, Refs: f.Refs, NewRevs: f.NewRevs, UUIDs: f.UUIDs, Nodesets: f.Nodesets,
		Voting: f.Voting, Held: f.Held, Results: f.Results, ExcludeResults: f.ExcludeResults,
		Final: f.Final, Complete: f.Complete, Page: page(f.Page),
	})
	return webBuilds(list), rowError(err, "builds")
}

func (h history) Build(ctx context.Context, t scheduler.TenantName, id scheduler.BuildID) (web.Build, error) {
	b, err := h.app.store.Build(ctx, t, id)
	return webBuild(b), rowError(err, string(id))
}

func (h history) Buildsets(ctx context.Context, t scheduler.TenantName, f web.BuildsetFilter) ([]web.Buildset, error) {
	list, err := h.app.store.Buildsets(ctx, t, store.BuildsetFilter{
		Projects: f.Projects, Pipelines: f.Pipelines, Branches: f.Branches, Changes: f.Changes, Patchsets: f.Patchsets,
		Refs: f.Refs, NewRevs: f.NewRevs, UUIDs: f.UUIDs, Results: f.Results, ExcludeResults: f.ExcludeResults,
		Complete: f.Complete, Page: page(f.Page),
	})
	return webBuildsets(list), rowError(err, "buildsets")
}

func (h history) Buildset(ctx context.Context, t scheduler.TenantName, id scheduler.BuildsetID) (web.Buildset, error) {
	b, err := h.app.store.Buildset(ctx, t, id)
	return webBuildset(b), rowError(err, string(id))
}

func (h history) BuildTimes(ctx context.Context, t scheduler.TenantName, f web.BuildTimesFilter) ([]web.Build, error) {
	list, err := h.app.store.BuildTimes(ctx, t, store.BuildTimesFilter{
		Projects: f.Projects, Pipelines: f.Pipelines, Branches: f.Branches, Refs: f.Refs, Jobs: f.Jobs,
		ExcludeResults: f.ExcludeResults, Final: f.Final, EndedFrom: f.EndedFrom, EndedTo: f.EndedTo,
		Limit: f.Limit, Skip: f.Skip,
	})
	return webBuilds(list), rowError(err, "build times")
}

// Change looks the change up in every project of the tenant that could have
// the number: numbers are unique inside a connection.
func (h history) Change(ctx context.Context, t scheduler.TenantName, number int) (web.ChangeHistory, error) {
	var out web.ChangeHistory
	for _, p := range h.app.projectsWith(t, number) {
		c, err := h.app.store.Change(ctx, t, scheduler.ChangeKey{Project: p, Number: number}, 0)
		if err != nil {
			return out, rowError(err, "change")
		}
		for _, it := range c.Items {
			out.Items = append(out.Items, webItem(it))
		}
		out.Buildsets = append(out.Buildsets, webBuildsets(c.Buildsets)...)
		out.Refusals = append(out.Refusals, webDecisions(c.Refusals)...)
	}
	return out, nil
}

func (h history) SystemEvents(ctx context.Context, t scheduler.TenantName, f web.SystemEventFilter) ([]web.SystemEvent, error) {
	list, err := h.app.store.SystemEvents(ctx, t, f.Type, f.Limit, f.Skip)
	if err != nil {
		return nil, rowError(err, "system events")
	}
	out := make([]web.SystemEvent, len(list))
	for i, e := range list {
		out[i] = web.SystemEvent{Seq: e.Seq, Number: e.Number, Time: e.Time, Type: e.Type, Description: e.Text}
	}
	return out, nil
}

func (h history) Estimate(ctx context.Context, t scheduler.TenantName, p scheduler.ProjectName, branch string, j scheduler.JobName) (time.Duration, bool, error) {
	return h.app.store.Estimate(ctx, t, p, branch, j)
}

// projectsWith lists the tenant's projects that a change of that number may
// belong to: the one that the source names, or all where it is not asked.
func (a *App) projectsWith(name scheduler.TenantName, number int) []scheduler.ProjectName {
	var out []scheduler.ProjectName
	t := a.tenants.find(name)
	if t == nil {
		return nil
	}
	for conn, src := range a.locals {
		c, err := src.Change(number)
		if err != nil {
			continue
		}
		if p := t.config().Project(src.CanonicalHost() + "/" + c.Project); p != nil && p.Connection == conn {
			out = append(out, p.Canonical)
		}
	}
	return out
}

func webBuild(b store.Build) web.Build {
	return web.Build{
		ID: b.ID, UUID: b.UUID, Buildset: b.Buildset, Job: b.Job, Result: b.Result, Held: b.Held, Final: b.Final,
		Voting: b.Voting, StartedAt: b.StartedAt, EndedAt: b.EndedAt, LogURL: b.LogURL, Nodeset: b.Nodeset,
		ErrorDetail: b.ErrorDetail, Provides: b.Provides, Artifacts: b.Artifacts, Ref: b.Ref, Pipeline: b.Pipeline, Event: b.Event, EventTime: b.EventTime,
	}
}

func webBuilds(list []store.Build) []web.Build {
	out := make([]web.Build, len(list))
	for i, b := range list {
		out[i] = webBuild(b)
	}
	return out
}

func webBuildset(b store.Buildset) web.Buildset {
	out := web.Buildset{
		ID: b.ID, UUID: b.UUID, Pipeline: b.Pipeline, Result: b.Result, Message: b.Message, Refs: b.Refs,
		Event: b.Event, EventTime: b.EventTime, FirstBuildStart: b.FirstBuildStart, LastBuildEnd: b.LastBuildEnd,
		Builds: webBuilds(b.Builds),
	}
	for _, e := range b.Events {
		out.Events = append(out.Events, web.BuildsetEvent{Time: e.Time, Type: e.Type, Description: e.Description})
	}
	return out
}

func webBuildsets(list []store.Buildset) []web.Buildset {
	out := make([]web.Buildset, len(list))
	for i, b := range list {
		out[i] = webBuildset(b)
	}
	return out
}

func webItem(it store.Item) web.HistoryItem {
	return web.HistoryItem{
		UUID: it.UUID, Pipeline: it.Pipeline, Refs: it.Refs, Cause: it.Cause, EnqueuedAt: it.EnqueuedAt,
		DequeuedAt: it.DequeuedAt, Result: it.Result, Resets: it.Resets, Decisions: webDecisions(it.Decisions),
	}
}

func webDecisions(list []store.Decision) []web.Decision {
	out := make([]web.Decision, len(list))
	for i, d := range list {
		out[i] = web.Decision{Seq: d.Seq, Time: d.Time, Kind: string(d.Kind), Text: d.Text}
	}
	return out
}
