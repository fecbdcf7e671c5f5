package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gozer-ci/gozer/internal/client"
)

// The commands that show which queues of a tenant stand still, and change it.
type (
	tenantStateCmd struct{ tenantFlag }
	tenantPauseCmd struct {
		tenantFlag
		What   string `arg:"" help:"What waits: triggers (events of sources) or results (of builds and merges)." enum:"triggers,results"`
		Reason string `help:"Shown to everybody while it lasts." placeholder:"TEXT"`
	}
	tenantDiscardCmd struct {
		tenantFlag
		Reason string `help:"Shown to everybody while it lasts." placeholder:"TEXT"`
	}
	tenantResumeCmd struct{ tenantFlag }
)

// Help implements kong's detailed help.
func (tenantStateCmd) Help() string {
	return "Shows which queues of a tenant an operator has stopped, and why.\n\nExample:\n  gozer tenant state --tenant acme"
}

// Help implements kong's detailed help.
func (tenantPauseCmd) Help() string {
	return `Trigger events wait in the tenant's queue until it goes on; what is in the
pipelines is finished. Paused results wait too: jobs that end free nothing, and
nothing is reported or merged because of them. Enqueue, dequeue, promote and new
configurations go on. A token for the tenant is needed.

Examples:
  gozer tenant pause triggers --reason "the forge is being moved"
  gozer tenant pause results --tenant acme`
}

// Help implements kong's detailed help.
func (tenantDiscardCmd) Help() string {
	return `Trigger events of sources are dropped for good, those that wait among them, until
"gozer tenant resume". A token for the tenant is needed.

Example:
  gozer tenant discard --tenant acme --reason "a flood of events"`
}

// Help implements kong's detailed help.
func (tenantResumeCmd) Help() string {
	return `Everything that was stopped goes on; what waited is handled in its order. A token
for the tenant is needed.

Example:
  gozer tenant resume --tenant acme`
}

// Run shows the state.
func (t *tenantStateCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := t.pick(e, c)
	if err != nil {
		return err
	}
	doc, err := c.Get(e.ctx, statePath(tenant), nil)
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, s client.TenantState) { fmt.Fprintln(w, plain(tenant)+": "+plain(told(s))) })
}

func statePath(tenant string) string { return "/api" + client.Path("tenant", tenant, "state") }

// told is the state in words.
func told(s client.TenantState) string {
	var stopped []string
	if s.TriggerPaused {
		stopped = append(stopped, "trigger events wait")
	}
	if s.TriggerDiscarding {
		stopped = append(stopped, "trigger events are dropped")
	}
	if s.ResultPaused {
		stopped = append(stopped, "results wait")
	}
	if len(stopped) == 0 {
		return "nothing is stopped"
	}
	text := strings.Join(stopped, ", ")
	if s.Reason != nil && *s.Reason != "" {
		text += ": " + *s.Reason
	}
	return text
}

// Run pauses.
func (t *tenantPauseCmd) Run(e *env) error {
	key := map[string]string{"triggers": "trigger_queue_paused", "results": "result_queue_paused"}[t.What]
	return setState(e, t.tenantFlag, map[string]any{key: true, "reason": t.Reason}, t.What+" wait")
}

// Run discards.
func (t *tenantDiscardCmd) Run(e *env) error {
	return setState(e, t.tenantFlag, map[string]any{"trigger_queue_discarding": true, "reason": t.Reason}, "trigger events are dropped")
}

// Run lets everything go on.
func (t *tenantResumeCmd) Run(e *env) error {
	body := map[string]any{"trigger_queue_paused": false, "trigger_queue_discarding": false, "result_queue_paused": false}
	return setState(e, t.tenantFlag, body, "everything goes on")
}

func setState(e *env, f tenantFlag, body map[string]any, done string) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := f.pick(e, c)
	if err != nil {
		return err
	}
	if _, err := c.Post(e.ctx, statePath(tenant), body); err != nil {
		return err
	}
	return showValue(e, body, func(w io.Writer, _ map[string]any) { fmt.Fprintf(w, "%s: %s\n", plain(tenant), done) })
}
