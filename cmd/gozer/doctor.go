package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/gozer-ci/gozer/internal/doctor"
)

type doctorCmd struct{ configFlag }

// Help implements kong's detailed help.
func (doctorCmd) Help() string {
	return `Run it on the server's machine, as the server's user. The exit code is 1 when something will not work.

Examples:
  gozer doctor
  gozer doctor --config /etc/gozer/gozer.yaml --output json`
}

// Run examines this machine.
func (d *doctorCmd) Run(e *env) error {
	cfg, err := d.load()
	if err != nil {
		return err
	}
	list := doctor.Examine(e.ctx, cfg)
	err = showValue(e, list, func(w io.Writer, list []doctor.Finding) {
		rows := make([][]string, len(list))
		for i, f := range list {
			rows[i] = []string{string(f.State), f.Check, f.Detail}
		}
		table(w, rows)
		for _, f := range list {
			if f.Mend != "" {
				fmt.Fprintf(w, "\nto mend %s:\n    %s\n", f.Check, f.Mend)
			}
		}
	})
	if err == nil && slices.ContainsFunc(list, func(f doctor.Finding) bool { return f.State == doctor.Failure }) {
		return &silent{exitRefused}
	}
	return err
}
