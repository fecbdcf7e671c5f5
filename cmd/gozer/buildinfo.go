package main

import (
	"io"

	"github.com/gozer-ci/gozer/internal/client"
)

type buildInfoCmd struct {
	tenantFlag
	UUID string `arg:"" help:"Identifier of the build."`
}

// Help implements kong's detailed help.
func (buildInfoCmd) Help() string {
	return "Example:\n  gozer build-info 5d0c2f0e9f5f4b0bb8a3a0a5c5a3b7d1"
}

// Run shows a build.
func (b *buildInfoCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := b.pick(e, c)
	if err != nil {
		return err
	}
	doc, err := c.Get(e.ctx, "/api"+client.Path("tenant", tenant, "build", b.UUID), nil)
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, b client.Build) {
		rows := [][]string{
			{"build", b.UUID}, {"job", b.JobName}, {"result", result(b.Result)}, {"pipeline", b.Pipeline},
			{"project", b.Ref.Project}, {"tested", tested(b.Ref)}, {"branch", b.Ref.Branch}, {"buildset", b.Buildset.UUID},
			{"started", deref(b.StartTime)}, {"ended", deref(b.EndTime)}, {"took", took(b.Duration)}, {"logs", deref(b.LogURL)},
		}
		if b.ErrorDetail != nil {
			rows = append(rows, []string{"detail", *b.ErrorDetail})
		}
		for _, a := range b.Artifacts {
			rows = append(rows, []string{"artifact", a.Name + " " + a.URL})
		}
		table(w, rows)
	})
}
