package app

import (
	"context"
	"fmt"

	"github.com/gozer-ci/gozer/internal/command"
	"github.com/gozer-ci/gozer/scheduler"
)

// Commands of the socket in the data directory.
const (
	CommandFull    = "full-reconfigure"
	CommandSmart   = "smart-reconfigure"
	CommandTenant  = "tenant-reconfigure"
	CommandRelease = "release-tenant"
	CommandSkip    = "release-tenant-skipping"
	CommandStopped = "stopped-tenants"
)

func (a *App) openCommands(context.Context) (err error) {
	if a.commands, err = command.Listen(a.cfg.Data); err != nil {
		return err
	}
	a.onClose(a.commands.Close)
	return nil
}

func (a *App) serveCommands(ctx context.Context) error { return a.commands.Serve(ctx, a.command) }

// command carries out what an operator on this machine asks for. It goes on
// when the operator does not wait for the answer.
func (a *App) command(ctx context.Context, r command.Request) (any, error) {
	names := make([]scheduler.TenantName, len(r.Tenants))
	for i, name := range r.Tenants {
		names[i] = scheduler.TenantName(name)
	}
	switch {
	case r.Command == CommandFull:
		return a.Reconfigure(ctx, Full)
	case r.Command == CommandSmart:
		return a.Reconfigure(ctx, Smart)
	case r.Command == CommandTenant && len(names) > 0:
		return a.Reconfigure(ctx, Some, names...)
	case (r.Command == CommandRelease || r.Command == CommandSkip) && len(names) == 1:
		out, err := a.Release(ctx, names[0], r.Command == CommandSkip)
		return []Outcome{out}, err
	case r.Command == CommandStopped:
		return a.Stopped(), nil
	}
	return nil, fmt.Errorf("this server does not know the command %q", r.Command)
}

// ReconfigureOn makes a smart reconfiguration for each value that comes, until
// ctx ends. What came of it is in the server's log.
func ReconfigureOn[T any](ctx context.Context, a *App, asked <-chan T) {
	for {
		select {
		case <-asked:
			if _, err := a.Reconfigure(ctx, Smart); err != nil && ctx.Err() == nil {
				a.log.Error("not reconfigured", "err", err)
			}
		case <-ctx.Done():
			return
		}
	}
}
