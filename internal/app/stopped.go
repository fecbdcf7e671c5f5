package app

import (
	"context"
	"sync"
)

// tenantStopped tells that a tenant can't go on. The others do.
func (a *App) tenantStopped(_ context.Context, t *tenant, err error) {
	a.log.Error("tenant stopped", "tenant", t.name, "err", err)
}

// losses counts the events that a stopped tenant could not take.
type losses struct {
	mu     sync.Mutex
	events int
}
