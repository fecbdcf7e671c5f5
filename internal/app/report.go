package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// report tells every connection that a report names and answers once all know.
func (a *App) report(ctx context.Context, t *tenant, f scheduler.Report) {
	answer := scheduler.CompletedReport{Report: f.Report}
	for i, r := range f.Reporters {
		if a.nats[r.Connection] != nil {
			if err := a.publishReport(ctx, f, r); err != nil {
				answer.Detail = err.Error()
			}
			continue
		}
		src := a.sources.Connection(r.Connection)
		if src == nil {
			a.log.Error("report names an unknown connection", "tenant", t.name, "connection", r.Connection)
			answer.Detail = fmt.Sprintf("There is no connection %s to report to.", r.Connection)
			continue
		}
		out, err := a.tell(ctx, src, f, r, i)
		if ctx.Err() != nil {
			return // asked again after the restart
		}
		if err != nil {
			answer.Detail = err.Error()
		} else if r.Submit {
			answer.Merged, answer.Stale, answer.Detail = out.Merged, out.Stale, out.Detail
		}
	}
	t.submit(answer)
}

// tell reports to one source until it is taken or refused for good.
func (a *App) tell(ctx context.Context, src source.Source, f scheduler.Report, r scheduler.Reporter, i int) (out source.Outcome, refused error) {
	report := source.Report{
		ID: scheduler.ReportID(fmt.Sprintf("%s-%d", f.Report, i)), Refs: f.Refs, Votes: r.Votes,
		Submit: r.Submit && f.Submit, Commits: f.State,
	}
	if r.Comment {
		report.Message = f.Message
	}
	err := persist(ctx, a.log, "report to "+string(r.Connection), 0, func(ctx context.Context) (err error) {
		out, err = src.Report(ctx, report)
		if e := (*source.Error)(nil); errors.As(err, &e) {
			a.log.Warn("report refused", "connection", r.Connection, "report", f.Report, "err", err)
			refused = e
			return nil
		}
		return err
	})
	if err != nil {
		return out, err
	}
	return out, refused
}
