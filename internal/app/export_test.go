package app

import (
	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/scheduler"
)

// Break lets the core of a tenant meet what it does not know.
func (a *App) Break(name scheduler.TenantName) {
	a.tenants.find(name).engine.Submit(engine.Delivery{Command: &scheduler.TriggerEvent{ID: "odd", Data: []byte("hunter2")}})
}
