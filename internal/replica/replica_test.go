package replica_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/memory"
	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// patience bounds waiting for what happens within milliseconds.
const patience = 20 * time.Second

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// bench is a log with a replica on it.
type bench struct {
	t      testing.TB
	log    *memory.Log
	snaps  *snapshots
	models *store.Store
	path   string
	heads  map[scheduler.TenantName]eventlog.Head
}

func newBench(t testing.TB) *bench {
	b := &bench{t: t, log: memory.New(), snaps: &snapshots{}, heads: map[scheduler.TenantName]eventlog.Head{},
		path: filepath.Join(t.TempDir(), "models.db")}
	b.open()
	return b
}

func (b *bench) open() {
	b.t.Helper()
	var err error
	b.models, err = store.Open(b.path, store.Options{Logger: quiet(), NoSync: true})
	if err != nil {
		b.t.Fatal(err)
	}
	models := b.models
	b.t.Cleanup(func() { _ = models.Close() }) // some are closed by the test
}

func codec(l eventlog.Log) *wire.Codec {
	return wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return l.Blob(context.Background(), h) })
}

// append adds one commit of events to the log.
func (b *bench) append(t scheduler.TenantName, events []scheduler.Event) eventlog.Head {
	b.t.Helper()
	body, blobs, err := codec(b.log).EncodeEvents(events)
	if err != nil {
		b.t.Fatal(err)
	}
	at := b.heads[t]
	head, err := b.log.Append(context.Background(), eventlog.Record{Tenant: t, Seq: at.Seq + 1,
		Prev: at.Hash, Time: time.Unix(int64(at.Seq), 0).UTC(), Body: body, Blobs: blobs})
	if err != nil {
		b.t.Fatal(err)
	}
	b.heads[t] = head
	return head
}

// history is a random run of the core, one slice of events per commit.
func history(t testing.TB, seed uint64, steps int) [][]scheduler.Event {
	t.Helper()
	h, err := schedtest.RunHistory(seed, steps, true)
	if err != nil {
		t.Fatal(err)
	}
	var commits [][]scheduler.Event
	from := 0
	for i, e := range h.W.Events {
		// The world names a layout and a graph alike, which a log can't keep.
		if p, ok := e.(scheduler.ItemPrepared); ok && p.Graph != nil {
			g := *p.Graph
			g.Hash = "graph-" + g.Hash
			p.Graph = &g
			h.W.Events[i] = p
		}
	}
	for _, to := range h.W.Commits {
		if to > from {
			commits = append(commits, h.W.Events[from:to])
		}
		from = to
	}
	return commits
}

// fill appends a history to the log.
func (b *bench) fill(t scheduler.TenantName, seed uint64, steps int) {
	b.t.Helper()
	for _, events := range history(b.t, seed, steps) {
		b.append(t, events)
	}
}

func (b *bench) config() replica.Config {
	return replica.Config{Log: b.log, Snapshots: b.snaps, Decode: codec(b.log).DecodeEvents,
		Models: b.models, Logger: quiet(), LookEvery: time.Millisecond, RetryAfter: time.Millisecond}
}

// run starts a replica and returns it with a function that ends it.
func (b *bench) run(cfg replica.Config) (*replica.Replica, func()) {
	r := replica.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := r.Run(ctx); err != nil {
			b.t.Errorf("run: %v", err)
		}
	})
	stop := func() { cancel(); running.Wait() }
	b.t.Cleanup(stop)
	return r, stop
}

// arrive waits until the replica holds a tenant's head.
func (b *bench) arrive(r *replica.Replica, t scheduler.TenantName) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.WaitFor(ctx, t, b.heads[t].Seq); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) dump(t scheduler.TenantName) []byte {
	b.t.Helper()
	var out bytes.Buffer
	if err := b.models.Dump(context.Background(), t, &out); err != nil {
		b.t.Fatal(err)
	}
	return out.Bytes()
}

// folded is the canonical state of a tenant's log.
func (b *bench) folded(t scheduler.TenantName) []byte {
	b.t.Helper()
	s := scheduler.NewState(t)
	c := codec(b.log)
	err := b.log.Read(context.Background(), t, 1, func(r eventlog.Record, _ eventlog.Hash) error {
		events, err := c.DecodeEvents(r.Body)
		if err == nil {
			scheduler.Fold(s, events)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.canonical(s)
}

func (b *bench) canonical(s *scheduler.State) []byte {
	b.t.Helper()
	data, err := scheduler.Snapshot(s)
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

func (b *bench) viewed(r *replica.Replica, t scheduler.TenantName) (data []byte, seq uint64) {
	b.t.Helper()
	err := r.View(t, func(s *scheduler.State, at uint64) { data, seq = b.canonical(s), at })
	if err != nil {
		b.t.Fatal(err)
	}
	return data, seq
}

// snapshots keeps the given snapshots.
type snapshots struct{ list []eventlog.Snapshot }

func (s *snapshots) Latest(_ context.Context, t scheduler.TenantName, atMost uint64) (*eventlog.Snapshot, []eventlog.SnapshotDamage, error) {
	var best *eventlog.Snapshot
	for i := range s.list {
		if snap := &s.list[i]; snap.Tenant == t && snap.Seq <= atMost && (best == nil || snap.Seq > best.Seq) {
			best = snap
		}
	}
	return best, nil, nil
}

// snapshotAt takes the snapshot that an engine would after commit seq.
func (b *bench) snapshotAt(t scheduler.TenantName, seq uint64) {
	b.t.Helper()
	s := scheduler.NewState(t)
	c := codec(b.log)
	err := b.log.Read(context.Background(), t, 1, func(r eventlog.Record, h eventlog.Hash) error {
		events, err := c.DecodeEvents(r.Body)
		if err != nil {
			return err
		}
		scheduler.Fold(s, events)
		if r.Seq == seq {
			b.snaps.list = append(b.snaps.list, eventlog.Snapshot{Tenant: t, Seq: seq, Hash: h,
				Version: scheduler.SnapshotVersion, Data: b.canonical(s)})
			return errDone
		}
		return nil
	})
	if !errors.Is(err, errDone) {
		b.t.Fatalf("snapshot at %d: %v", seq, err)
	}
}

var errDone = errors.New("done")

func TestReplicaFollowsTheLog(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 1, 120)
	r, _ := b.run(b.config())
	b.arrive(r, "one")
	b.fill("two", 2, 60) // first seen while it runs
	b.arrive(r, "two")
	for _, tenant := range []scheduler.TenantName{"one", "two"} {
		data, seq := b.viewed(r, tenant)
		if seq != b.heads[tenant].Seq || !bytes.Equal(data, b.folded(tenant)) {
			t.Errorf("tenant %s: viewed state of commit %d is not what the log folds to at %d", tenant, seq, b.heads[tenant].Seq)
		}
		if err := b.models.Check(context.Background(), tenant); err != nil {
			t.Error(err)
		}
	}
	if err := r.Ready(); err != nil {
		t.Errorf("ready: %v", err)
	}
	if got := fmt.Sprint(r.Tenants()); got != "[one two]" {
		t.Errorf("tenants: %s", got)
	}
	if err := r.View("three", func(*scheduler.State, uint64) {}); !errors.Is(err, replica.ErrUnknownTenant) {
		t.Errorf("view of an unknown tenant: %v", err)
	}
}

func TestReplicaContinuesAfterEveryStop(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	commits := history(t, 3, 60)
	for i, events := range commits {
		b.append("one", events)
		if i%17 == 5 {
			b.snapshotAt("one", uint64(max(1, i/2)))
		}
		if i%10 != 0 && i != len(commits)-1 {
			continue
		}
		r, stop := b.run(b.config())
		b.arrive(r, "one")
		if data, _ := b.viewed(r, "one"); !bytes.Equal(data, b.folded("one")) {
			t.Fatalf("state after commit %d differs from the log", i+1)
		}
		stop()
		if err := b.models.Close(); err != nil {
			t.Fatal(err)
		}
		b.open()
	}
	live := b.dump("one")
	whole := newBench(t)
	for _, events := range commits {
		whole.append("one", events)
	}
	r, _ := whole.run(whole.config())
	whole.arrive(r, "one")
	if !bytes.Equal(live, whole.dump("one")) {
		t.Error("read models after many stops differ from those of one run")
	}
}

func TestSubscribeCoalesces(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	commits := history(t, 4, 60)
	b.append("one", commits[0])
	r, _ := b.run(b.config())
	b.arrive(r, "one")
	ctx, cancel := context.WithCancel(context.Background())
	news := r.Subscribe(ctx, "one")
	if got := <-news; got != 1 {
		t.Fatalf("first value %d, want the current sequence", got)
	}
	for _, events := range commits[1:] {
		b.append("one", events)
	}
	b.arrive(r, "one")
	if got := <-news; got != uint64(len(commits)) {
		t.Errorf("after %d commits nobody took the channel has %d", len(commits), got)
	}
	cancel()
	for range news { // closed when ctx has ended
	}
	for range r.Subscribe(context.Background(), "nobody") {
	}
}

func TestWaitForEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 5, 10)
	r, stop := b.run(b.config())
	b.arrive(r, "one")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.WaitFor(ctx, "one", b.heads["one"].Seq+1); !errors.Is(err, context.Canceled) {
		t.Errorf("wait with an ended context: %v", err)
	}
	if err := r.WaitFor(context.Background(), "nobody", 1); !errors.Is(err, replica.ErrUnknownTenant) {
		t.Errorf("wait for an unknown tenant: %v", err)
	}
	waited := make(chan error, 1)
	go func() { waited <- r.WaitFor(context.Background(), "one", 1<<40) }()
	stop()
	if err := <-waited; err == nil {
		t.Error("wait for a commit that never came returned nil")
	}
}
