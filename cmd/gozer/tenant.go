package main

import (
	"fmt"
	"io"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/tenantcheck"
	"github.com/gozer-ci/gozer/tenants"
)

type tenantCmd struct {
	Check tenantCheckCmd `cmd:"" help:"Check a tenant file, and the configuration in repositories."`
}

type tenantCheckCmd struct {
	Path         string `arg:"" help:"Tenant file." type:"path"`
	Repositories string `help:"Directory with the projects' repositories under their names; their configuration is checked too." type:"path" placeholder:"DIR"`
	Config       string `help:"Configuration file that declares connections; without it every source is a local one." type:"path" placeholder:"FILE"`
}

// Help implements kong's detailed help.
func (tenantCheckCmd) Help() string {
	return `All problems are listed with file, line and column. The exit code is 1 when one of them is an error.

Examples:
  gozer tenant check tenants.yaml
  gozer tenant check tenants.yaml --repositories ~/src
  gozer tenant check tenants.yaml --output json`
}

type checkResult struct {
	Tenants  int            `json:"tenants"`
	Errors   int            `json:"errors"`
	Warnings int            `json:"warnings"`
	Problems []checkProblem `json:"problems"`
}

type checkProblem struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Project  string `json:"project,omitempty"`
	Branch   string `json:"branch,omitempty"`
	Path     string `json:"path"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Text     string `json:"text"`
	Hint     string `json:"hint,omitempty"`
	full     string
}

// Run checks and lists.
func (t *tenantCheckCmd) Run(e *env) error {
	var connections tenants.Connections
	if t.Config != "" {
		cfg, err := configFlag{Config: t.Config}.load()
		if err != nil {
			return err
		}
		connections = app.Connections(cfg)
	}
	found, err := tenantcheck.Check(e.ctx, t.Path, t.Repositories, connections)
	if err != nil {
		return err
	}
	r := newCheckResult(found)
	text := r // showValue's copy has lost the full texts
	err = showValue(e, r, func(w io.Writer, _ checkResult) {
		for _, p := range text.Problems {
			fmt.Fprintln(w, lines(p.full))
		}
		fmt.Fprintf(w, "%d tenants, %d errors, %d warnings\n", text.Tenants, text.Errors, text.Warnings)
	})
	if err == nil && r.Errors > 0 {
		return &silent{exitRefused}
	}
	return err
}

func newCheckResult(found tenantcheck.Result) checkResult {
	r := checkResult{Tenants: found.Tenants, Problems: []checkProblem{}}
	for _, p := range found.Problems {
		if p.Severity == tenants.Error {
			r.Errors++
		} else {
			r.Warnings++
		}
		r.Problems = append(r.Problems, checkProblem{
			Severity: string(p.Severity), Code: string(p.Code), Project: string(p.Project), Branch: p.Branch,
			Path: p.Path, Line: p.Line, Column: p.Col, Text: p.Text, Hint: p.Hint, full: p.String(),
		})
	}
	return r
}
