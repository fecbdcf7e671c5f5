package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/quarantine"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// QuarantineDir is where dumps of tenants that broke are kept, in the data
// directory.
const QuarantineDir = "quarantine"

// dumpPatience bounds how long a dump may take.
const dumpPatience = time.Minute

// tenantStopped tells that a tenant can't go on, and keeps what is known when
// the core broke a promise. The others go on.
func (a *App) tenantStopped(ctx context.Context, t *tenant, err error) {
	a.log.Error("tenant stopped", "tenant", t.name, "err", err)
	a.measures.stop(t.name)
	broken, ok := errors.AsType[*engine.BrokenError](err)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dumpPatience)
	defer cancel()
	err = guarded(ctx, func(ctx context.Context) error {
		dir, err := quarantine.Write(a.path(QuarantineDir), a.dump(ctx, broken))
		if err == nil {
			t.lost.in(dir)
			a.log.Error("tenant quarantined: what is known of it is kept for a report", "tenant", t.name, "dir", dir)
		}
		return err
	})
	if err != nil {
		a.log.Error("what is known of a quarantined tenant can't be kept", "tenant", t.name, "err", err)
	}
}

// dump collects what is known of a broken tenant. What can't be read is noted.
func (a *App) dump(ctx context.Context, b *engine.BrokenError) quarantine.Dump {
	d := quarantine.Dump{Stack: string(b.Stack), Broken: b.State, About: quarantine.About{
		Tenant: b.Tenant, Time: b.Meta.Time, Error: b.Cause, Commit: b.Head.Seq, Hash: hex.EncodeToString(b.Head.Hash[:]), Input: b.Input,
		DecidedAt: b.Meta.Time, Entropy: hex.EncodeToString(b.Meta.Entropy[:]),
		Versions: map[string]string{"gozer": Version, "go": runtime.Version(), "snapshot": strconv.Itoa(scheduler.SnapshotVersion)},
	}}
	note := func(what string, err error) {
		if err != nil {
			d.About.Notes = append(d.About.Notes, fmt.Sprintf("%s: %v", what, err))
		}
	}
	for _, c := range b.Commands {
		line, err := wire.EncodeCommand(c)
		if err != nil {
			line, err = json.Marshal(map[string]any{"type": fmt.Sprintf("%T", c), "value": c})
		}
		note("A command could not be written", err)
		d.Commands = append(append(d.Commands, line...), '\n')
	}
	state, err := a.stateOf(ctx, b.Tenant)
	note("The state of the last commit could not be read", err)
	if err == nil {
		d.Before = scheduler.Describe(state)
		d.Snapshot, err = scheduler.Snapshot(state)
		note("The state could not be written", err)
	}
	d.Log, err = a.logTail(ctx, b.Tenant, b.Head.Seq)
	note("The log could not be read", err)
	return d
}

// stateOf folds a tenant's log, as its engine does at start.
func (a *App) stateOf(ctx context.Context, name scheduler.TenantName) (*scheduler.State, error) {
	e := engine.New(engine.Config{Tenant: name, Log: a.eventlog, Codec: a.codec, Snapshots: a.snapshots, Logger: a.log})
	if _, err := e.Load(ctx); err != nil {
		return nil, err
	}
	return e.State(), nil
}

// logTail renders the last records of a tenant's log, a line each.
func (a *App) logTail(ctx context.Context, name scheduler.TenantName, head uint64) ([]byte, error) {
	type line struct {
		Seq    uint64               `json:"seq"`
		Time   time.Time            `json:"time"`
		Inputs []eventlog.InputMark `json:"inputs"`
		Events []json.RawMessage    `json:"events"`
	}
	var out []byte
	from := uint64(1)
	if head > quarantine.Records {
		from = head - quarantine.Records + 1
	}
	err := a.eventlog.Read(ctx, name, from, func(r eventlog.Record, _ eventlog.Hash) error {
		l := line{Seq: r.Seq, Time: r.Time, Inputs: r.Inputs}
		for event := range linesOf(r.Body) {
			l.Events = append(l.Events, event)
		}
		data, err := json.Marshal(l)
		out = append(append(out, data...), '\n')
		return err
	})
	return out, err
}
