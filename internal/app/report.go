package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// report tells every connection that a report names and answers once all know.
func (a *App) report(ctx context.Context, t *tenant, f scheduler.Report) {
	r := reporting{app: a, tenant: t.name, report: f}
	for _, p := range phases(f) {
		r.tell(ctx, p)
		if ctx.Err() != nil {
			return // asked again after the restart
		}
	}
	t.submit(r.answer())
}

// phase is one reporter's part of a report.
type phase struct {
	to     scheduler.Reporter
	id     scheduler.ReportID
	speak  bool // message and votes
	submit bool
}

// phases orders a report as Zuul does: first every connection hears of it,
// then the changes are submitted. Where one connection submits alone, it hears
// of it in one with that, so that it can do both or neither.
func phases(f scheduler.Report) []phase {
	var first, then []phase
	submits := func(r scheduler.Reporter) bool { return f.Submit && r.Submit }
	alone := slices.IndexFunc(f.Reporters, submits)
	if alone >= 0 && slices.ContainsFunc(f.Reporters[alone+1:], submits) {
		alone = -1
	}
	for i, r := range f.Reporters {
		p := phase{to: r, id: scheduler.ReportID(fmt.Sprintf("%s-%d", f.Report, i)), speak: true}
		switch {
		case i == alone:
			p.submit = true
			then = append(then, p)
			continue
		case submits(r):
			then = append(then, phase{to: r, id: p.id + "-submit", submit: true})
		}
		first = append(first, p)
	}
	return append(first, then...)
}

// reporting is a report that is being made, with what came of it so far.
type reporting struct {
	app     *App
	tenant  scheduler.TenantName
	report  scheduler.Report
	merged  []scheduler.ChangeKey
	stale   bool
	details []string // without repetitions, in order
}

// tell carries out one phase. A refusal is kept and stops no other.
func (r *reporting) tell(ctx context.Context, p phase) {
	name := p.to.Connection
	if r.app.nats[name] != nil {
		if err := r.app.publishReport(ctx, r.report, p.to); err != nil {
			r.detail(err.Error())
		}
		return
	}
	src := r.app.sources.Connection(name)
	if src == nil {
		r.app.log.Error("report names an unknown connection", "tenant", r.tenant, "connection", name)
		r.detail(fmt.Sprintf("There is no connection %s to report to.", name))
		return
	}
	out, err := r.app.tell(ctx, src, r.report, p)
	switch {
	case err != nil:
		r.detail(err.Error())
	case p.submit:
		r.submitted(src, out)
	}
}

// submitted notes what came of submitting to one connection.
func (r *reporting) submitted(src source.Source, out source.Outcome) {
	for _, ref := range r.report.Refs {
		merged := out.Merged && ref.Connection == src.Connection() || slices.Contains(out.MergedChanges, ref.Key())
		if merged && ref.IsChange() && !slices.Contains(r.merged, ref.Key()) {
			r.merged = append(r.merged, ref.Key())
		}
	}
	r.stale = r.stale || out.Stale
	r.detail(out.Detail)
}

func (r *reporting) detail(text string) {
	if text != "" && !slices.Contains(r.details, text) {
		r.details = append(r.details, text)
	}
}

// answer sums up: an item has merged when all its changes have, and is tested
// again when a branch moved and none has.
func (r *reporting) answer() scheduler.CompletedReport {
	out := scheduler.CompletedReport{Report: r.report.Report}
	var left []string
	for _, ref := range r.report.Refs {
		if ref.IsChange() && !slices.Contains(r.merged, ref.Key()) {
			left = append(left, ref.ID())
		}
	}
	switch {
	case !r.report.Submit || len(r.merged) == 0:
		out.Stale = r.stale
	case len(left) == 0:
		out.Merged = true
	default:
		out.MergedChanges = r.merged
		r.detail("Not merged: " + strings.Join(left, ", ") + ".")
	}
	out.Detail = strings.Join(r.details, "\n")
	return out
}

// tell reports to one source until it is taken or refused for good.
func (a *App) tell(ctx context.Context, src source.Source, f scheduler.Report, p phase) (out source.Outcome, refused error) {
	report := source.Report{ID: p.id, Refs: f.Refs, Submit: p.submit, Commits: f.State}
	if p.speak {
		report.Votes = p.to.Votes
	}
	if p.speak && p.to.Comment {
		report.Message = f.Message
	}
	err := persist(ctx, a.log, "report to "+string(p.to.Connection), 0, func(ctx context.Context) (err error) {
		out, err = src.Report(ctx, report)
		if e := (*source.Error)(nil); errors.As(err, &e) {
			a.log.Warn("report refused", "connection", p.to.Connection, "report", f.Report, "err", err)
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
