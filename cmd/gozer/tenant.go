package main

import (
	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
	"github.com/gozer-ci/gozer/tenants/check"
)

type tenantCmd struct {
	Check tenantCheckCmd `cmd:"" help:"Check a tenant file and the configuration of its projects, without a server."`

	State   tenantStateCmd   `cmd:"" help:"Show which queues of a tenant stand still."`
	Pause   tenantPauseCmd   `cmd:"" help:"Let trigger events or results of a tenant wait."`
	Discard tenantDiscardCmd `cmd:"" help:"Drop trigger events of a tenant."`
	Resume  tenantResumeCmd  `cmd:"" help:"Let what was stopped go on."`
}

type tenantCheckCmd struct {
	Path     string `arg:"" optional:"" help:"Tenant file; the same as --tenants." type:"path"`
	Tenants  string `help:"Tenant file." type:"path" placeholder:"FILE"`
	Tenant   string `help:"Check only this tenant." placeholder:"NAME"`
	Projects string `help:"Directory with the projects, each at <connection>/<name>: a git repository or a plain directory." type:"path" placeholder:"DIR"`
	Branch   string `help:"Branch that a plain directory stands for; with --explain also the branch of the change." default:"master" placeholder:"NAME"`
	Explain  string `help:"Tell which definitions and variants, in which order, set each attribute of this job, instead of listing problems." placeholder:"JOB"`
	Project  string `help:"With --explain: the project whose change runs the job." placeholder:"NAME"`
	Pipeline string `help:"With --explain: the pipeline that runs it." placeholder:"NAME"`
	Config   string `help:"Configuration file that declares connections; without it every connection counts as a local one." type:"path" placeholder:"FILE"`
}

// Help implements kong's detailed help.
func (tenantCheckCmd) Help() string {
	return `All problems are listed with project, branch, file, line and column. The exit
code is 1 when one of them is an error. A project that is not there is a
warning and counts as empty; without --projects none is there. A tenant file that
is executable and begins with #! is run, and what it prints is checked.

Examples:
  gozer tenant check tenants.yaml
  gozer tenant check --tenants tenants.yaml --projects ~/src
  gozer tenant check --tenants tenants.yaml --projects ~/src --tenant acme --output json
  gozer tenant check --tenants tenants.yaml --projects ~/src \\
    --explain unit --project org/app --branch master --pipeline check`
}

// Run checks and lists.
func (t *tenantCheckCmd) Run(e *env) error {
	if (t.Path == "") == (t.Tenants == "") {
		return misused("name one tenant file: gozer tenant check tenants.yaml")
	}
	if t.Explain != "" && (t.Project == "" || t.Pipeline == "") {
		return misused("--explain needs --project and --pipeline too")
	}
	var connections tenants.Connections
	if t.Config != "" {
		cfg, err := configFlag{Config: t.Config}.load()
		if err != nil {
			return err
		}
		connections = app.Connections(cfg)
	}
	r, err := check.Run(e.ctx, check.Options{
		TenantFile: t.Path + t.Tenants, Tenant: scheduler.TenantName(t.Tenant), Projects: t.Projects,
		Branch: t.Branch, Connections: connections,
	})
	if err != nil {
		return err
	}
	if err := t.write(e, r); err != nil {
		return err
	}
	if !r.OK() {
		return &silent{exitRefused}
	}
	return nil
}

// write lists the problems, or answers the question.
func (t *tenantCheckCmd) write(e *env, r *check.Report) error {
	if t.Explain == "" {
		if e.Output == "json" {
			return r.WriteJSON(e.out)
		}
		return r.WriteText(e.out)
	}
	found, err := r.Explain(check.Question{
		Job: scheduler.JobName(t.Explain), Project: t.Project, Branch: t.Branch, Pipeline: scheduler.PipelineName(t.Pipeline),
	})
	if err != nil {
		return err
	}
	if n := len(r.Problems().Errors()); n > 0 {
		e.warn("the configuration has errors: %d; leave --explain out to see them", n)
	}
	if e.Output == "json" {
		return check.WriteExplanationsJSON(e.out, found)
	}
	return check.WriteExplanations(e.out, found)
}
