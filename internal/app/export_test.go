package app

import (
	"context"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// Break lets the core of a tenant meet what it does not know.
func (a *App) Break(name scheduler.TenantName) {
	a.tenants.find(name).engine.Submit(engine.Delivery{Command: &scheduler.TriggerEvent{ID: "odd", Data: []byte("hunter2")}})
}

// Blame stores an input for a tenant that has stopped, as if that had broken it.
func (a *App) Blame(ctx context.Context, name scheduler.TenantName, c scheduler.Command) error {
	data, err := wire.EncodeCommand(c)
	if err != nil {
		return err
	}
	input, err := a.bus.PublishInput(ctx, name, "blamed", data)
	if err == nil {
		a.tenants.find(name).engine.Fail(&engine.BrokenError{Tenant: name, Cause: "it was that input", Input: input})
	}
	return err
}
