package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/memory"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

const tenant = scheduler.TenantName("tenant")

// stream is a durable stream of inputs in memory.
type stream struct {
	mu    sync.Mutex
	items [][]byte
	more  chan struct{} // closed and replaced when items grow
}

func newStream() *stream { return &stream{more: make(chan struct{})} }

// add appends a command and returns its sequence.
func (s *stream) add(t *testing.T, c scheduler.Command) uint64 {
	t.Helper()
	data, err := wire.EncodeCommand(c)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, data)
	close(s.more)
	s.more = make(chan struct{})
	return uint64(len(s.items))
}

// Open implements Inputs.
func (s *stream) Open(ctx context.Context, _ scheduler.TenantName, mark eventlog.InputMark) (Stream, error) {
	c := make(chan Input)
	next := uint64(1)
	if mark.Stream == "inputs" {
		next = mark.Seq + 1
	}
	go func() {
		defer close(c)
		for {
			s.mu.Lock()
			more, n := s.more, uint64(len(s.items))
			var data []byte
			if next <= n {
				data = s.items[next-1]
			}
			s.mu.Unlock()
			if data == nil {
				select {
				case <-more:
					continue
				case <-ctx.Done():
					return
				}
			}
			select {
			case c <- Input{Seq: next, Data: data}:
				next++
			case <-ctx.Done():
				return
			}
		}
	}()
	return Stream{ID: "inputs", C: c, Fail: ctx.Err}, nil
}

// world is everything around one tenant that outlives its engines.
type world struct {
	t         *testing.T
	log       *memory.Log
	snapshots *memory.Snapshots
	inputs    *stream
	entropy   atomic.Uint64

	mu     sync.Mutex
	landed []string // changes in order of landing
	done   map[scheduler.ReportID]bool
	want   int
	all    chan struct{} // closed when want changes have landed
}

func newWorld(t *testing.T, want int, options ...memory.Option) *world {
	return &world{
		t: t, log: memory.New(options...), snapshots: &memory.Snapshots{}, inputs: newStream(),
		done: map[scheduler.ReportID]bool{}, want: want, all: make(chan struct{}),
	}
}

// engine makes a new life of the tenant's engine on what the log holds.
func (w *world) engine() *Engine {
	var e *Engine
	log := w.log
	e = New(Config{
		Tenant: tenant, Log: log, Inputs: w.inputs, Snapshots: w.snapshots, SnapshotEvery: 4,
		Codec: wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return log.Blob(context.Background(), h) }),
		Now:   time.Now, Logger: slog.New(slog.DiscardHandler),
		Entropy: func() (b [16]byte) {
			binary.BigEndian.PutUint64(b[:], w.entropy.Add(1))
			return b
		},
		Perform: func(f scheduler.Effect) {
			for _, c := range w.answer(f) {
				e.Submit(Delivery{Command: c})
			}
		},
	})
	return e
}

// answer does what an effect asks for, each thing once however often it is
// asked, and answers every time.
func (w *world) answer(f scheduler.Effect) []scheduler.Command {
	switch f := f.(type) {
	case scheduler.LoadLayout:
		return []scheduler.Command{scheduler.LoadedLayout{Request: f.Request, Layout: schedtest.Standard()}}
	case scheduler.PrepareItem:
		return []scheduler.Command{scheduler.PreparedItem{
			Item: f.Item, Buildset: f.Buildset, InPipeline: true,
			Graph: schedtest.StandardJobs(f.Pipeline, f.BaseRefs, f.Refs[0]),
		}}
	case scheduler.StartBuild:
		return []scheduler.Command{
			scheduler.StartedBuild{Build: f.Build, Executor: "executor"},
			scheduler.CompletedBuild{Build: f.Build, Executor: "executor", Result: scheduler.ResultSuccess},
		}
	case scheduler.Report:
		w.land(f)
		return []scheduler.Command{scheduler.CompletedReport{Report: f.Report, Merged: f.Submit}}
	}
	return nil
}

// land merges what a report submits, once for each report.
func (w *world) land(f scheduler.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !f.Submit || w.done[f.Report] {
		return
	}
	w.done[f.Report] = true
	w.landed = append(w.landed, f.Refs[0].ID())
	if len(w.landed) == w.want {
		close(w.all)
	}
}

// approve puts approvals of n changes into the inputs.
func (w *world) approve(n int) {
	w.t.Helper()
	s := schedtest.New(schedtest.Standard(), 1)
	for i := 1; i <= n; i++ {
		c := s.NewChange(i, "org/project")
		s.Approve(c)
		w.inputs.add(w.t, scheduler.TriggerEvent{
			ID: scheduler.EventID(fmt.Sprint("approval-", i)), Connection: "local", Type: "comment-added",
			Ref: c.Ref, Votes: c.Votes, Changes: []scheduler.Change{*c},
		})
	}
}

// verify holds what must be true however the log failed: its chain is whole,
// it folds to the live state, no promise of the core is broken, every input was
// taken once and in order, and every change landed once and in order.
func (w *world) verify(e *Engine) {
	w.t.Helper()
	folded := scheduler.NewState(tenant)
	codec := wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return w.log.Blob(context.Background(), h) })
	var taken []scheduler.EventID
	_, err := eventlog.Verify(context.Background(), w.log, tenant, func(r eventlog.Record) error {
		events, err := codec.DecodeEvents(r.Body)
		if err != nil {
			return err
		}
		for _, ev := range events {
			if got, ok := ev.(scheduler.TriggerReceived); ok {
				taken = append(taken, got.Trigger.ID)
			}
		}
		scheduler.Fold(folded, events)
		return nil
	})
	if err != nil {
		w.t.Fatalf("the log is damaged: %v", err)
	}
	live, _ := scheduler.Snapshot(e.state)
	again, _ := scheduler.Snapshot(folded)
	if !bytes.Equal(live, again) {
		w.t.Errorf("the log folds to another state than the live one:\n%s\n%s", scheduler.Describe(folded), scheduler.Describe(e.state))
	}
	for _, v := range scheduler.Check(folded) {
		w.t.Errorf("broken promise: %s", v)
	}
	if len(taken) != w.want || len(w.landed) != w.want {
		w.t.Fatalf("%d inputs taken and %d changes landed, not %d: %v", len(taken), len(w.landed), w.want, taken)
	}
	for i := range w.want {
		if want := scheduler.EventID(fmt.Sprint("approval-", i+1)); taken[i] != want {
			w.t.Errorf("input %d is %s, not %s", i, taken[i], want)
		}
		if want := fmt.Sprintf("%d,1", i+1); w.landed[i] != want {
			w.t.Errorf("landing %d is %s, not %s", i, w.landed[i], want)
		}
	}
	if len(folded.Reports) > 0 || len(scheduler.OpenEffects(folded)) > 0 {
		w.t.Errorf("something was asked and never answered: %v", scheduler.OpenEffects(folded))
	}
}
