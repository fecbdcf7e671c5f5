package main

import (
	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/command"
)

type releaseTenantCmd struct {
	configFlag
	Name       string `arg:"" help:"Tenant, as the tenant file names it." placeholder:"TENANT"`
	SkipInputs bool   `help:"Pass over the inputs that broke the tenant. They are lost; commands.jsonl in its quarantine directory lists them."`
}

// Help implements kong's detailed help.
func (releaseTenantCmd) Help() string {
	return `A tenant stops when a promise of the scheduler is broken for it; the others go
on. What is known is in quarantine/ in the data directory: please send it to who
mends Gozer. The tenant's log is whole, so it can be started again, with this
command or by a restart of the server. If the same input breaks it once more,
--skip-inputs starts it without that.

Run it on the server's machine, as the server's user.

Examples:
  gozer admin release-tenant acme
  gozer admin release-tenant acme --skip-inputs`
}

// Run asks the server.
func (c *releaseTenantCmd) Run(e *env) error {
	name := app.CommandRelease
	if c.SkipInputs {
		name = app.CommandSkip
	}
	return reconfigure(e, c.configFlag, command.Request{Command: name, Tenants: []string{c.Name}})
}
