package main

import (
	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
	"github.com/gozer-ci/gozer/tenants/check"
)

type tenantCmd struct {
	Check tenantCheckCmd `cmd:"" help:"Check a tenant file and the configuration of its projects, without a server."`
}

type tenantCheckCmd struct {
	Path     string `arg:"" optional:"" help:"Tenant file; the same as --tenants." type:"path"`
	Tenants  string `help:"Tenant file." type:"path" placeholder:"FILE"`
	Tenant   string `help:"Check only this tenant." placeholder:"NAME"`
	Projects string `help:"Directory with the projects, each at <connection>/<name>: a git repository or a plain directory." type:"path" placeholder:"DIR"`
	Branch   string `help:"Branch that a plain directory stands for." default:"master" placeholder:"NAME"`
	Config   string `help:"Configuration file that declares connections; without it every connection counts as a local one." type:"path" placeholder:"FILE"`
}

// Help implements kong's detailed help.
func (tenantCheckCmd) Help() string {
	return `All problems are listed with project, branch, file, line and column. The exit
code is 1 when one of them is an error. A project that is not there is a
warning and counts as empty; without --projects none is there.

Examples:
  gozer tenant check tenants.yaml
  gozer tenant check --tenants tenants.yaml --projects ~/src
  gozer tenant check --tenants tenants.yaml --projects ~/src --tenant acme --output json`
}

// Run checks and lists.
func (t *tenantCheckCmd) Run(e *env) error {
	if (t.Path == "") == (t.Tenants == "") {
		return misused("name one tenant file: gozer tenant check tenants.yaml")
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
	write := r.WriteText
	if e.Output == "json" {
		write = r.WriteJSON
	}
	if err := write(e.out); err != nil {
		return err
	}
	if !r.OK() {
		return &silent{exitRefused}
	}
	return nil
}
