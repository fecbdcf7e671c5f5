package main

import (
	"io"
	"strings"

	"github.com/gozer-ci/gozer/internal/client"
)

type buildsetsCmd struct{ historyFlags }

// Help implements kong's detailed help.
func (buildsetsCmd) Help() string {
	return "Examples:\n  gozer buildsets --pipeline gate\n  gozer buildsets --change 12 --output json"
}

// Run lists buildsets.
func (b *buildsetsCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := b.pick(e, c)
	if err != nil {
		return err
	}
	doc, err := c.Get(e.ctx, "/api"+client.Path("tenant", tenant, "buildsets"), b.query())
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, list []client.Buildset) {
		rows := [][]string{{"BUILDSET", "PIPELINE", "RESULT", "TESTED", "STARTED", "MESSAGE"}}
		for _, b := range list {
			refs := make([]string, len(b.Refs))
			for i, r := range b.Refs {
				refs[i] = tested(r)
			}
			message, _, _ := strings.Cut(deref(b.Message), "\n")
			rows = append(rows, []string{b.UUID, b.Pipeline, result(b.Result), strings.Join(refs, " "), deref(b.FirstStart), message})
		}
		table(w, rows)
	})
}
