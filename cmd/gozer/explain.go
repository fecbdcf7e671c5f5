package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"time"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/client"
	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/scheduler"
)

type explainCmd struct {
	tenantFlag
	configFlag
	Pipeline string `help:"Only what happened in this pipeline." placeholder:"NAME"`
	Job      string `help:"Only what is about this job; says why it does not run where it doesn't." placeholder:"NAME"`
	At       string `help:"As of this time: 2026-01-02T15:04:05Z, seconds since 1970, or how long ago, as 90m." placeholder:"TIME"`
	What     string `arg:"" help:"A change (12 or 12,3), a branch or tag (org/app@main), or an item, buildset or build by its identifier or the first digits of it."`
}

// Help implements kong's detailed help.
func (explainCmd) Help() string {
	return `Tells what it waits for, what is ahead of it, and what happened to it and why: what reset it, why it left or did not enter a pipeline, why a job ran or did not.

The server at --url is asked. With --data or --config the log of a data directory is read, also when no server runs on it; when one does, that server is asked.

Examples:
  gozer explain 12
  gozer explain 12,3 --pipeline gate --at 90m
  gozer explain 12 --job unit
  gozer explain org/app@main
  gozer explain 7f3a91 --at 2026-01-02T15:04:05Z --output json
  gozer explain 12 --data /var/lib/gozer --tenant acme`
}

// Run explains.
func (x *explainCmd) Run(e *env) error {
	at, err := moment(x.At, time.Now())
	if err != nil {
		return err
	}
	if x.Data == "" && x.Config == "" {
		return x.ask(e, at)
	}
	cfg, err := x.load()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	doc, err := app.ExplainLog(e.ctx, cfg, log, explain.Question{
		Tenant: scheduler.TenantName(x.Tenant), What: x.What, Pipeline: scheduler.PipelineName(x.Pipeline), Job: scheduler.JobName(x.Job), At: at,
	})
	if used, ok := errors.AsType[*app.InUseError](err); ok && used.URL != "" {
		e.URL = used.URL
		return x.ask(e, at)
	}
	if err != nil {
		return err
	}
	return showValue(e, doc, writeExplanation)
}

// ask asks a server.
func (x *explainCmd) ask(e *env, at time.Time) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := x.pick(e, c)
	if err != nil {
		return err
	}
	query := url.Values{}
	set(query, "pipeline", x.Pipeline)
	set(query, "job", x.Job)
	if !at.IsZero() {
		query.Set("at", at.Format(time.RFC3339Nano))
	}
	doc, err := c.Get(e.ctx, "/api"+client.Path("tenant", tenant, "explain", x.What), query)
	if err != nil {
		return err
	}
	return show(e, doc, writeExplanation)
}

func writeExplanation(w io.Writer, doc explain.Document) { fmt.Fprintln(w, lines(doc.Text())) }

// moment reads a time, or how long ago it was; zero for an empty text.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC(), nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 && n < 1e11 {
		return time.Unix(n, 0).UTC(), nil
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(-d).UTC(), nil
	}
	return time.Time{}, misused("%q is no time; write 2026-01-02T15:04:05Z, seconds since 1970, or how long ago, as 90m", text)
}
