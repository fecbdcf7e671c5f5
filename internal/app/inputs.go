package app

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// consoleSettle is how long a read of a running console that does not follow
// waits for bytes under way.
const consoleSettle = 300 * time.Millisecond

// decisionPatience is how long a request waits for its decision; it is durable
// before.
const decisionPatience = 3 * time.Second

// inputs takes requests of people and stores them as commands.
type inputs struct{ app *App }

// Enqueue stores the wish to enqueue a ref, with current facts about it.
func (i inputs) Enqueue(ctx context.Context, r web.RefRequest) (uint64, error) {
	src, name, ok := i.app.sources.Find(r.Project)
	if !ok {
		return 0, &scheduler.Rejection{Code: "not_found", Message: "no source has the project", Subject: string(r.Project)}
	}
	c := scheduler.EnqueueRef{ID: commandID(), Pipeline: r.Pipeline, Actor: r.Actor}
	if r.Number == 0 {
		var err error
		if c.Ref, err = i.revision(ctx, src, name, r); err != nil {
			return 0, err
		}
		return i.send(ctx, r.Tenant, string(c.ID), c)
	}
	facts, err := src.Closure(ctx, name, r.Number)
	if err != nil {
		return 0, err
	}
	if facts[0].Patchset != r.Patchset {
		return 0, &scheduler.Rejection{Code: "invalid", Message: fmt.Sprintf("the current patchset is %d", facts[0].Patchset), Subject: fmt.Sprintf("%d,%d", r.Number, r.Patchset)}
	}
	c.Ref, c.Changes = facts[0].Ref, facts
	return i.send(ctx, r.Tenant, string(c.ID), c)
}

// Dequeue stores the wish to take a ref out.
func (i inputs) Dequeue(ctx context.Context, r web.RefRequest) (uint64, error) {
	c := scheduler.DequeueRef{
		ID: commandID(), Pipeline: r.Pipeline, Actor: r.Actor,
		Ref: scheduler.Ref{Project: r.Project, Number: r.Number, Patchset: r.Patchset, Ref: r.Ref},
	}
	return i.send(ctx, r.Tenant, string(c.ID), c)
}

// Promote stores the wish to let changes lead their queues.
func (i inputs) Promote(ctx context.Context, r web.PromoteRequest) (uint64, error) {
	c := scheduler.PromoteRefs{ID: commandID(), Pipeline: r.Pipeline, Refs: r.Refs, Actor: r.Actor}
	return i.send(ctx, r.Tenant, string(c.ID), c)
}

// Control stores the wish to stop queues of the tenant, or to let them go on.
func (i inputs) Control(ctx context.Context, r web.ControlRequest) (uint64, error) {
	c := scheduler.ControlQueues{
		ID: commandID(), TriggerPaused: r.TriggerPaused, TriggerDiscarding: r.TriggerDiscarding, ResultPaused: r.ResultPaused,
		Actor: r.Actor, Reason: r.Reason,
	}
	return i.send(ctx, r.Tenant, string(c.ID), c)
}

// send makes a command durable, waits shortly for the commit that decides it
// and returns that commit's sequence, or 0 when it takes longer.
func (i inputs) send(ctx context.Context, name scheduler.TenantName, id string, c scheduler.Command) (uint64, error) {
	t := i.app.tenants.find(name)
	if t == nil {
		return 0, &scheduler.Rejection{Code: "not_found", Message: "unknown tenant", Subject: string(name)}
	}
	if err := t.engine.Err(); err != nil {
		return 0, &scheduler.Rejection{Code: "unavailable", Message: "the tenant has stopped and takes no requests until it is released", Subject: firstLine(err)}
	}
	data, err := wire.EncodeCommand(c)
	if err != nil {
		return 0, fmt.Errorf("encode command: %w", err)
	}
	input, err := i.app.bus.PublishInput(ctx, name, id, data)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, decisionPatience)
	defer cancel()
	seq, err := t.engine.Consumed(ctx, input)
	if err != nil {
		return 0, nil // it is stored; the decision comes later
	}
	return seq, nil
}

func commandID() scheduler.EventID {
	id := entropy()
	return scheduler.EventID(hex.EncodeToString(id[:]))
}

// revision is the branch or tag that is meant, at the commit to test.
func (i inputs) revision(ctx context.Context, src source.Source, name string, r web.RefRequest) (scheduler.Ref, error) {
	if r.NewRev == "" {
		ref, err := resolver(i).Ref(ctx, r.Tenant, string(r.Project), r.Ref)
		ref.OldRev = r.OldRev
		return ref, err
	}
	return scheduler.Ref{
		Connection: src.Connection(), Project: r.Project, Name: name, Branch: branchOf(r.Ref), Ref: r.Ref,
		OldRev: r.OldRev, NewRev: r.NewRev,
	}, nil
}
