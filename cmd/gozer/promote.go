package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gozer-ci/gozer/internal/client"
)

type promoteCmd struct {
	tenantFlag
	connectionFlag
	Pipeline string   `arg:"" help:"Pipeline."`
	Changes  []string `arg:"" help:"Changes (12 or 12,1), in the order that they shall have."`
}

// Help implements kong's detailed help.
func (promoteCmd) Help() string {
	return `The changes move to the front of their queues, and those queues to the front of
the pipeline. What is in that order already keeps its builds; from the first
difference on everything is tested anew. When one of the changes is not in the
pipeline, nothing moves. A token for the tenant is needed.

Examples:
  gozer promote gate 12
  gozer promote --tenant acme gate 14,2 12,1`
}

// Run promotes.
func (p *promoteCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := p.pick(e, c)
	if err != nil {
		return err
	}
	ids := make([]string, len(p.Changes))
	for i, text := range p.Changes {
		switch {
		case !changeID.MatchString(text):
			return misused("%q is no change (12 or 12,1)", text)
		case strings.Contains(text, ","):
			ids[i] = text
		default:
			f := refFlags{connectionFlag: p.connectionFlag, Ref: text}
			if ids[i], _, err = f.look(e, c, text); err != nil {
				return err
			}
		}
	}
	body := map[string]any{"pipeline": p.Pipeline, "changes": ids}
	if _, err := c.Post(e.ctx, "/api"+client.Path("tenant", tenant, "promote"), body); err != nil {
		return err
	}
	return showValue(e, body, func(w io.Writer, _ map[string]any) {
		fmt.Fprintf(w, "%s shall lead %s; see: gozer status\n", strings.Join(ids, " "), p.Pipeline)
	})
}
