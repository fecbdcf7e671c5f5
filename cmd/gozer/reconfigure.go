package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/command"
)

type (
	fullReconfigureCmd   struct{ configFlag }
	smartReconfigureCmd  struct{ configFlag }
	tenantReconfigureCmd struct {
		configFlag
		Name []string `arg:"" help:"Tenants, as the tenant file names them." placeholder:"TENANT"`
	}
)

const reconfigureHelp = `

The command speaks to the server through a socket in its data directory, so run
it on the server's machine, as the server's user. It waits until all is done and
says for each tenant what happened. Tenants that the file no longer has are
removed: their builds are cancelled, their queues emptied, their history stays.
A tenant file with a mistake changes nothing. The exit code is 1 when a tenant
could not be loaded.`

// Help implements kong's detailed help.
func (fullReconfigureCmd) Help() string {
	return `What is tested goes on, with the new configuration.` + reconfigureHelp + `

Example:
  gozer full-reconfigure --config /etc/gozer/gozer.yaml`
}

// Help implements kong's detailed help.
func (smartReconfigureCmd) Help() string {
	return `Use it after the tenant file was edited. The other tenants are not disturbed.
The same happens when the server gets a SIGHUP.` + reconfigureHelp + `

Example:
  gozer smart-reconfigure --data /var/lib/gozer`
}

// Help implements kong's detailed help.
func (tenantReconfigureCmd) Help() string {
	return `It does for these tenants what full-reconfigure does for all.` + reconfigureHelp + `

Example:
  gozer tenant-reconfigure acme`
}

// Run asks the server.
func (c *fullReconfigureCmd) Run(e *env) error {
	return reconfigure(e, c.configFlag, command.Request{Command: app.CommandFull})
}

// Run asks the server.
func (c *smartReconfigureCmd) Run(e *env) error {
	return reconfigure(e, c.configFlag, command.Request{Command: app.CommandSmart})
}

// Run asks the server.
func (c *tenantReconfigureCmd) Run(e *env) error {
	return reconfigure(e, c.configFlag, command.Request{Command: app.CommandTenant, Tenants: c.Name})
}

// reconfigure asks the server on the data directory and shows what it did.
func reconfigure(e *env, flag configFlag, r command.Request) error {
	cfg, err := flag.load()
	if err != nil {
		return err
	}
	list := []app.Outcome{}
	if err := command.Ask(e.ctx, cfg.Data, r, &list); err != nil {
		return err
	}
	if err := showValue(e, list, showOutcomes); err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(o app.Outcome) bool { return o.Happened == app.Kept || o.Happened == app.Stopped }) {
		return &silent{exitRefused}
	}
	return nil
}

func showOutcomes(w io.Writer, list []app.Outcome) {
	if len(list) == 0 {
		fmt.Fprintln(w, "There are no tenants.")
		return
	}
	rows := [][]string{{"TENANT", "HAPPENED", "PROBLEMS", "DETAIL"}}
	for _, o := range list {
		rows = append(rows, []string{string(o.Tenant), string(o.Happened), strconv.Itoa(o.Problems), o.Detail})
	}
	table(w, rows)
}
