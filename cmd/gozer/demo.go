package main

import (
	"fmt"
	"os"

	"github.com/gozer-ci/gozer/demo"
)

type demoCmd struct {
	Data   string `help:"Directory of the demo; one that an earlier demo left is emptied." default:"demo-data" type:"path" placeholder:"DIR"`
	Listen string `help:"Where the demo's server listens." default:"127.0.0.1:9000" placeholder:"HOST:PORT"`
	CI     bool   `name:"ci" help:"End after the checks, with status 0 only if the gate did its work; a free port is taken."`
}

// Help implements kong's detailed help.
func (demoCmd) Help() string {
	return `Starts a server with three small repositories, pushes five changes with git,
approves them and tells what the gate decides. At the end it checks that what
merged is what was tested, and leaves the server running.

Examples:
  gozer demo
  gozer demo --ci --data /tmp/gozer-demo`
}

// Run shows the demo.
func (d *demoCmd) Run(e *env) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	o := demo.Options{Dir: d.Data, Listen: d.Listen, Program: program, CI: d.CI, Out: e.out}
	if d.CI {
		o.Listen = "127.0.0.1:0"
	}
	return demo.Run(e.ctx, o)
}
