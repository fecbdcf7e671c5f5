package main

import "errors"

type consoleCmd struct {
	tenantFlag
	UUID   string `arg:"" help:"Identifier of the build."`
	Offset int64  `help:"First byte to show." default:"0" placeholder:"N"`
	Follow bool   `help:"Follow a running build until it ends; --no-follow shows what is there." default:"true" negatable:""`
}

// Help implements kong's detailed help.
func (consoleCmd) Help() string {
	return `The bytes come as the build wrote them. When the connection breaks, the program comes back where it was.

Examples:
  gozer console 5d0c2f0e9f5f4b0bb8a3a0a5c5a3b7d1
  gozer console --no-follow 5d0c2f0e9f5f4b0bb8a3a0a5c5a3b7d1 | less -R`
}

// Run copies the console.
func (c *consoleCmd) Run(e *env) error {
	server, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := c.pick(e, server)
	if err != nil {
		return err
	}
	reached, err := server.Console(e.ctx, tenant, c.UUID, c.Offset, c.Follow, e.out)
	if err != nil && errors.Is(err, e.ctx.Err()) {
		e.warn("stopped; go on with: gozer console --offset %d %s", reached, c.UUID)
		return &silent{exitRefused}
	}
	return err
}
