package past_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/memory"
	"github.com/gozer-ci/gozer/internal/past"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

const tenant scheduler.TenantName = "tenant"

// bench is a log of a random history, with the state after each record.
type bench struct {
	log    *memory.Log
	codec  *wire.Codec
	times  []time.Time
	states [][]byte // encoded
	snaps  snapshots
	now    time.Time
}

// snapshots keeps a few in memory.
type snapshots []eventlog.Snapshot

func (s snapshots) Latest(_ context.Context, _ scheduler.TenantName, atMost uint64) (*eventlog.Snapshot, []eventlog.SnapshotDamage, error) {
	for _, snap := range slices.Backward(s) {
		if snap.Seq <= atMost {
			return &snap, nil, nil
		}
	}
	return nil, nil, nil
}

func newBench(t *testing.T, steps int) *bench {
	t.Helper()
	h, err := schedtest.RunHistory(7, steps, true)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{log: memory.New()}
	b.codec = wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return b.log.Blob(context.Background(), h) })
	state := scheduler.NewState(tenant)
	var head eventlog.Head
	from := 0
	for i, to := range h.W.Commits {
		events := named(t, h.W.Events[from:to])
		from = to
		body, blobs, err := b.codec.EncodeEvents(events)
		if err != nil {
			t.Fatal(err)
		}
		r := eventlog.Record{Tenant: tenant, Seq: head.Seq + 1, Prev: head.Hash, Time: h.W.Times[i], Body: body, Blobs: blobs}
		if head, err = b.log.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		scheduler.Fold(state, events)
		data, err := scheduler.Snapshot(state)
		if err != nil {
			t.Fatal(err)
		}
		b.times, b.states = append(b.times, r.Time), append(b.states, data)
		if head.Seq%50 == 0 {
			b.snaps = append(b.snaps, eventlog.Snapshot{Tenant: tenant, Seq: head.Seq, Hash: head.Hash, Version: scheduler.SnapshotVersion, Data: data})
		}
	}
	b.now = h.W.Now.Add(time.Hour)
	return b
}

// named gives layouts and graphs the hashes that a log keeps them apart by: the
// world gives different ones the same.
func named(t *testing.T, events []scheduler.Event) []scheduler.Event {
	t.Helper()
	out := slices.Clone(events)
	for i, e := range out {
		switch e := e.(type) {
		case scheduler.LayoutLoaded:
			if e.Layout != nil {
				l := *e.Layout
				l.Hash = hashOf(t, l)
				e.Layout = &l
				out[i] = e
			}
		case scheduler.ItemPrepared:
			if e.Graph != nil {
				g := *e.Graph
				g.Hash = hashOf(t, g)
				e.Graph = &g
				out[i] = e
			}
		}
	}
	return out
}

func hashOf(t *testing.T, value any) scheduler.Hash {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return scheduler.Hash(fmt.Sprintf("%T-%x", value, sha256.Sum256(data)))
}

func (b *bench) reader(snaps past.Snapshots) *past.Reader {
	return past.New(past.Config{Log: b.log, Snapshots: snaps, Decode: b.codec.DecodeEvents, Now: func() time.Time { return b.now }})
}

// TestStateOfAnyCommit asks forth and back, so that each state comes from the
// beginning, from a snapshot and from a state asked for before.
func TestStateOfAnyCommit(t *testing.T) {
	t.Parallel()
	b := newBench(t, 200)
	n := uint64(len(b.states))
	var order []uint64
	for i := uint64(1); i <= n; i += 7 {
		order = append(order, i, n-i+1, n/2+1)
	}
	for name, snaps := range map[string]past.Snapshots{"with snapshots": b.snaps, "without": nil} {
		r := b.reader(snaps)
		for _, seq := range order {
			err := r.View(t.Context(), tenant, seq, func(s *scheduler.State) {
				if got, err := scheduler.Snapshot(s); err != nil || !bytes.Equal(got, b.states[seq-1]) {
					t.Errorf("%s: state after commit %d differs: %v", name, seq, err)
				}
			})
			if err != nil {
				t.Fatalf("%s: commit %d: %v", name, seq, err)
			}
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	b := newBench(t, 60)
	r := b.reader(nil)
	last := len(b.times) - 1
	for _, i := range []int{0, 1, last / 2, last - 1, last} {
		for _, at := range []time.Time{b.times[i], b.times[i].Add(time.Second / 2)} {
			p, err := r.Find(t.Context(), tenant, at)
			if err != nil || p.Seq != uint64(i+1) || !p.Time.Equal(b.times[i]) || !p.At.Equal(at) {
				t.Errorf("at %s: got %+v, %v, want commit %d", at, p, err, i+1)
			}
		}
	}
	if p, err := r.Find(t.Context(), tenant, time.Time{}); err != nil || p.Seq != uint64(last+1) || !p.At.Equal(b.now) {
		t.Errorf("now: got %+v, %v", p, err)
	}
	for name, c := range map[string]struct {
		tenant scheduler.TenantName
		at     time.Time
		code   string
		text   string
	}{
		"future":         {tenant, b.now.Add(time.Minute), "invalid", "in the future"},
		"before the log": {tenant, b.times[0].Add(-time.Second), "invalid", "began later, at 2026-01-01T00:00:01Z"},
		"no such tenant": {"other", b.times[0], "not_found", "nothing of the tenant"},
	} {
		_, err := r.Find(t.Context(), c.tenant, c.at)
		if refusal, ok := errors.AsType[*scheduler.Rejection](err); !ok || refusal.Code != c.code || !strings.Contains(refusal.Message, c.text) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestPatience gives up in time, and goes on from there when asked again.
func TestPatience(t *testing.T) {
	t.Parallel()
	b := newBench(t, 60)
	n := uint64(len(b.states))
	stop := n / 2
	ctx, cancel := context.WithCancel(t.Context())
	read := uint64(0)
	r := past.New(past.Config{Log: b.log, Now: func() time.Time { return b.now }, Decode: func(body []byte) ([]scheduler.Event, error) {
		if read++; read == stop {
			cancel()
		}
		return b.codec.DecodeEvents(body)
	}})
	if err := r.View(ctx, tenant, n, func(*scheduler.State) { t.Error("shown") }); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if err := r.View(t.Context(), tenant, n, func(s *scheduler.State) {
		if got, _ := scheduler.Snapshot(s); !bytes.Equal(got, b.states[n-1]) {
			t.Error("another state")
		}
	}); err != nil || read != n {
		t.Errorf("read %d of %d commits: %v", read, n, err)
	}
}

// TestHurry says what to do when the way is too long.
func TestHurry(t *testing.T) {
	t.Parallel()
	b := newBench(t, 60)
	r := past.New(past.Config{Log: b.log, Decode: b.codec.DecodeEvents, Now: func() time.Time { return b.now }, Patience: time.Nanosecond})
	err := r.View(t.Context(), tenant, uint64(len(b.states)), func(*scheduler.State) {})
	if refusal, ok := errors.AsType[*scheduler.Rejection](err); !ok || refusal.Code != "unavailable" || !strings.Contains(refusal.Message, "ask again to go on") {
		t.Errorf("got %v", err)
	}
}

// TestDamage passes damaged snapshots over and reports records that make no
// sense.
func TestDamage(t *testing.T) {
	t.Parallel()
	b := newBench(t, 200)
	n := uint64(len(b.states))
	broken := slices.Clone(b.snaps)
	broken[len(broken)-1].Data = []byte("{")
	broken[len(broken)-2].Hash = eventlog.Hash{1}
	if err := b.reader(broken).View(t.Context(), tenant, n, func(s *scheduler.State) {
		if got, _ := scheduler.Snapshot(s); !bytes.Equal(got, b.states[n-1]) {
			t.Error("another state")
		}
	}); err != nil {
		t.Error(err)
	}
	r := past.New(past.Config{Log: b.log, Decode: func([]byte) ([]scheduler.Event, error) {
		return []scheduler.Event{scheduler.ItemMoved{Item: "nobody"}}, nil
	}})
	if err := r.View(t.Context(), tenant, 3, func(*scheduler.State) {}); err == nil || !strings.Contains(err.Error(), "record 1 does not fit") {
		t.Errorf("got %v", err)
	}
}
