package main

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/internal/client"
)

type statusCmd struct {
	tenantFlag
	Pipeline string `help:"Only this pipeline." placeholder:"NAME"`
	At       string `help:"As of this time: 2026-01-02T15:04:05Z, seconds since 1970, or how long ago, as 90m." placeholder:"TIME"`
}

// Help implements kong's detailed help.
func (statusCmd) Help() string {
	return "Examples:\n  gozer status\n  gozer status --tenant acme --pipeline gate\n  gozer status --at 90m\n  watch -n1 gozer status"
}

// Run shows the pipelines that have items.
func (s *statusCmd) Run(e *env) error {
	at, err := moment(s.At, time.Now())
	if err != nil {
		return err
	}
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := s.pick(e, c)
	if err != nil {
		return err
	}
	query, now := url.Values{}, time.Now()
	if !at.IsZero() {
		query.Set("at", at.Format(time.RFC3339Nano))
		now = at
	}
	doc, err := c.Get(e.ctx, "/api"+client.Path("tenant", tenant, "status"), query)
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, st client.Status) {
		if st.State.Stopped() {
			fmt.Fprintf(w, "stopped by an operator: %s\n", plain(told(st.State)))
		}
		idle := true
		for _, p := range st.Pipelines {
			if s.Pipeline == "" || s.Pipeline == p.Name {
				idle = !pipeline(w, p, now) && idle
			}
		}
		if idle {
			fmt.Fprintf(w, "nothing to do in tenant %s\n", plain(tenant))
		}
	})
}

// pipeline shows one pipeline, when it has items.
func pipeline(w io.Writer, p client.Pipeline, now time.Time) bool {
	shown := false
	for _, q := range p.Queues {
		if len(q.Heads) == 0 {
			continue
		}
		if !shown {
			fmt.Fprintln(w, plain(p.Name))
			shown = true
		}
		name := q.Name
		if deref(q.Branch) != "" {
			name += " " + *q.Branch
		}
		if name != "" {
			fmt.Fprintf(w, "  queue %s\n", plain(name))
		}
		var rows [][]string
		for _, head := range q.Heads {
			for _, item := range head {
				rows = append(rows, itemRow(item, now))
			}
		}
		table(w, rows)
	}
	return shown
}

func itemRow(item client.Item, now time.Time) []string {
	refs := make([]string, len(item.Refs))
	for i, r := range item.Refs {
		name := deref(r.ID)
		if strings.HasPrefix(r.Ref, "refs/heads/") || name == "" {
			name = r.Ref
		}
		refs[i] = r.Project + " " + name
	}
	state := "active"
	switch {
	case len(item.Failing) > 0:
		state = "failing: " + strings.Join(item.Failing, "; ")
	case !item.Live:
		state = "for what is behind"
	case !item.Active:
		state = "waits"
	}
	age := now.Sub(time.UnixMilli(item.EnqueueTime)).Round(time.Second)
	return []string{"    " + strings.Join(refs, ", "), state, age.String(), jobs(item.Jobs)}
}

// jobs tells how each job is in a word.
func jobs(list []client.Job) string {
	out := make([]string, len(list))
	for i, j := range list {
		state := "waits"
		switch {
		case deref(j.Result) != "":
			state = *j.Result
		case j.StartTime != nil:
			state = "runs"
			if j.Elapsed != nil {
				state += " " + (time.Duration(*j.Elapsed) * time.Millisecond).Round(time.Second).String()
			}
		}
		if !j.Voting {
			state += " (non-voting)"
		}
		out[i] = j.Name + " " + state
	}
	return strings.Join(out, ", ")
}
