package replica_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// twisted is a log whose followers see changed records.
type twisted struct {
	replica.Log
	twist func(eventlog.Record) (eventlog.Record, bool)
}

func (l twisted) Follow(ctx context.Context, t scheduler.TenantName, from uint64) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for r, err := range l.Log.Follow(ctx, t, from) {
			if err == nil {
				var keep bool
				if r, keep = l.twist(r); !keep {
					continue
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// stopped waits until the tenant has stopped and returns why.
func stopped(t *testing.T, r *replica.Replica, tenant scheduler.TenantName, seq uint64) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := r.WaitFor(ctx, tenant, seq)
	if !errors.Is(err, replica.ErrStopped) {
		t.Fatalf("wait for commit %d: %v, want %v", seq, err, replica.ErrStopped)
	}
	if ready := r.Ready(); !errors.Is(ready, replica.ErrStopped) {
		t.Errorf("ready with a stopped tenant: %v", ready)
	}
	if view := r.View(tenant, func(*scheduler.State, uint64) { t.Error("a stopped tenant was viewed") }); !errors.Is(view, replica.ErrStopped) {
		t.Errorf("view of a stopped tenant: %v", view)
	}
	return err
}

func TestDamageInTheLogStopsTheTenantAlone(t *testing.T) {
	t.Parallel()
	twists := map[string]func(eventlog.Record) (eventlog.Record, bool){
		"gap":               func(r eventlog.Record) (eventlog.Record, bool) { return r, r.Seq != 5 },
		"altered body":      func(r eventlog.Record) (eventlog.Record, bool) { r.Body = append(r.Body, '\n'); return r, true },
		"wrong predecessor": func(r eventlog.Record) (eventlog.Record, bool) { r.Prev[3] ^= 1; return r, true },
		"another tenant's":  func(r eventlog.Record) (eventlog.Record, bool) { r.Tenant = "two"; return r, true },
		"unknown event": func(r eventlog.Record) (eventlog.Record, bool) {
			r.Body = []byte(`{"type":"build.imagined/1","data":{}}` + "\n")
			return r, true
		},
	}
	for name, twist := range twists {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.fill("one", 6, 30)
			b.fill("two", 7, 30)
			cfg := b.config()
			cfg.Log = twisted{Log: b.log, twist: func(r eventlog.Record) (eventlog.Record, bool) {
				if r.Tenant == "one" && r.Seq == 5 {
					return twist(r)
				}
				return r, true
			}}
			r, _ := b.run(cfg)
			b.arrive(r, "two")
			t.Log(stopped(t, r, "one", b.heads["one"].Seq))
			if p, err := b.models.Applied("one"); err != nil || p.Seq > 5 {
				t.Errorf("read models went on to commit %d: %v", p.Seq, err)
			}
		})
	}
}

func TestEventThatFitsNoStateStops(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 8, 10)
	b.append("one", []scheduler.Event{scheduler.ItemDequeued{Item: "nobody", Pipeline: "gate"}})
	r, _ := b.run(b.config())
	stopped(t, r, "one", b.heads["one"].Seq)
}

func TestShrunkLogStops(t *testing.T) {
	t.Parallel()
	whole := newBench(t)
	whole.fill("one", 9, 40)
	r, stop := whole.run(whole.config())
	whole.arrive(r, "one")
	stop()

	short := newBench(t)
	for _, events := range history(t, 9, 40)[:10] {
		short.append("one", events)
	}
	cfg := short.config()
	cfg.Models = whole.models
	r, _ = short.run(cfg)
	err := stopped(t, r, "one", whole.heads["one"].Seq)
	if !strings.Contains(err.Error(), "restore") {
		t.Errorf("the error does not say what to do: %v", err)
	}
}

func TestAnotherLogStops(t *testing.T) {
	t.Parallel()
	first, second := newBench(t), newBench(t)
	first.fill("one", 10, 20)
	r, stop := first.run(first.config())
	first.arrive(r, "one")
	stop()
	second.fill("one", 11, 60)
	cfg := second.config()
	cfg.Models = first.models
	r, _ = second.run(cfg)
	stopped(t, r, "one", second.heads["one"].Seq)
}

func TestSnapshotBeyondTheLogStops(t *testing.T) {
	t.Parallel()
	whole, short := newBench(t), newBench(t)
	commits := history(t, 12, 40)
	for i, events := range commits {
		whole.append("one", events)
		if i < 5 {
			short.append("one", events)
		}
	}
	whole.snapshotAt("one", uint64(len(commits)))
	short.snaps = whole.snaps
	r, _ := short.run(short.config())
	stopped(t, r, "one", uint64(len(commits)))
}

func TestSnapshotsOfAnotherVersionArePassedOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 13, 30)
	b.snapshotAt("one", 6)
	b.snaps.list[0].Version = 99
	b.snapshotAt("one", 4)
	b.snaps.list[1].Data = []byte("{")
	r, _ := b.run(b.config())
	b.arrive(r, "one")
	if data, _ := b.viewed(r, "one"); !bytes.Equal(data, b.folded("one")) {
		t.Error("state differs from the log")
	}
}

// failing are read models whose transactions fail as told.
type failing struct {
	*store.Store
	fail func([]store.Commit) error
}

func (f failing) Apply(ctx context.Context, commits []store.Commit) error {
	if err := f.fail(commits); err != nil && len(commits) > 0 {
		return err
	}
	return f.Store.Apply(ctx, commits)
}

func TestDamagedReadModelsAreFilledAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 14, 60)
	cfg := b.config()
	damages := 2
	cfg.Models = failing{Store: b.models, fail: func(commits []store.Commit) error {
		if damages > 0 && len(commits) > 0 && commits[len(commits)-1].Seq > 3 {
			damages--
			return &store.DamageError{Tenant: "one", Where: "builds row 1", Err: errors.New("checksum does not match")}
		}
		return nil
	}}
	r, _ := b.run(cfg)
	b.arrive(r, "one")
	live := b.dump("one")

	r.Rebuild("one", errors.New("a reader met a damaged row"))
	b.arrive(r, "one")
	if !bytes.Equal(live, b.dump("one")) {
		t.Error("read models after a rebuild differ")
	}
	b.late(t, "one")
	b.arrive(r, "one")
}

// late appends commits that fit every state.
func (b *bench) late(t *testing.T, tenant scheduler.TenantName) {
	t.Helper()
	for i := range 5 {
		b.append(tenant, []scheduler.Event{scheduler.CommandIgnored{Command: "completed_build",
			Subject: fmt.Sprint(i), Reason: "late"}})
	}
}

func TestFullDiskIsWaitedOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 15, 20)
	cfg := b.config()
	full := 5
	cfg.Models = failing{Store: b.models, fail: func([]store.Commit) error {
		if full > 0 {
			full--
			return errors.New("no space left on device")
		}
		return nil
	}}
	r, _ := b.run(cfg)
	b.arrive(r, "one")
	if at := r.Status()[0]; at.Err != nil || at.Stopped || !at.CaughtUp {
		t.Errorf("status after the disk had room again: %+v", at)
	}
}
