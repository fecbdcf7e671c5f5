package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// sink takes events of a source and stores each for every tenant that has its
// project. It returns once none of them can lose any.
func (a *App) sink(ctx context.Context, events ...scheduler.TriggerEvent) error {
	for _, t := range a.tenants.all() {
		var own []scheduler.TriggerEvent
		for _, e := range events {
			if p := t.config().Project(string(e.Ref.Project)); p != nil {
				own = append(own, a.concerning(ctx, p, e))
			}
		}
		if err := a.keepOrDrop(ctx, t, own); err != nil {
			return err
		}
	}
	return nil
}

// inputBytes is about how large an input of several events gets.
const inputBytes = 256 << 10

// storeEvents makes a tenant's events durable, as many in one input as fit:
// what costs is the sync to disk.
func (a *App) storeEvents(ctx context.Context, t scheduler.TenantName, events []scheduler.TriggerEvent) error {
	for len(events) > 0 {
		var data []byte
		n := 0
		for n < len(events) && len(data) < inputBytes {
			var err error
			if data, err = wire.AppendCommand(data, events[n]); err != nil {
				return fmt.Errorf("encode event %s: %w", events[n].ID, err)
			}
			n++
		}
		if _, err := a.bus.PublishInput(ctx, t, inputID(events[:n]), data); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

// inputID names an input of some events. Another selection of events has
// another name, since the bus drops a second input of a name; events that come
// twice are known to the core.
func inputID(events []scheduler.TriggerEvent) string {
	if len(events) == 1 {
		return string(events[0].ID)
	}
	sum := sha256.New()
	for _, e := range events {
		fmt.Fprintf(sum, "%d %s ", len(e.ID), e.ID)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
