package explain_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/memory"
	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/internal/past"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// longLog is a log with more than 100,000 events: changes that are
// gated in groups of 20, of which each tenth fails.
type longLog struct {
	log     *memory.Log
	codec   *wire.Codec
	commits uint64
	events  int
	now     time.Time
	state   *scheduler.State
	last    scheduler.ItemEnqueued
	span    explain.Span // of last
}

var (
	longOnce sync.Once
	long     *longLog
)

func longLogOf(b *testing.B) *longLog {
	b.Helper()
	longOnce.Do(func() { long = writeLong(b) })
	if long == nil {
		b.Fatal("the log was not made")
	}
	return long
}

func writeLong(b *testing.B) *longLog {
	l := memory.New()
	out := &longLog{log: l, codec: wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return l.Blob(context.Background(), h) })}
	w := schedtest.New(schedtest.Standard(), 1)
	w.Graph = func(p scheduler.PipelineName, base []scheduler.Ref, r scheduler.Ref) *scheduler.JobGraph {
		g := *schedtest.StandardJobs(p, base, r)
		g.Hash = "graph-" + g.Hash
		return &g
	}
	w.Fail = func(_ scheduler.JobName, _ scheduler.Ref, items []scheduler.Ref) scheduler.Result {
		if items[len(items)-1].Number%10 == 0 {
			return scheduler.ResultFailure
		}
		return ""
	}
	var head eventlog.Head
	for n := 1; out.events < 100_000; {
		w.Changes = map[scheduler.ChangeKey]*scheduler.Change{}
		for range 20 {
			w.Gate(w.NewChange(n, "org/project"))
			n++
		}
		w.Settle()
		head = out.append(b, w, head)
	}
	out.now, out.state = w.Now.Add(time.Minute), w.S
	return out
}

// append writes what the world has decided so far, and lets it forget it.
func (l *longLog) append(b *testing.B, w *schedtest.World, head eventlog.Head) eventlog.Head {
	from := 0
	for i, to := range w.Commits {
		events := w.Events[from:to]
		from = to
		body, blobs, err := l.codec.EncodeEvents(events)
		if err == nil {
			head, err = l.log.Append(b.Context(), eventlog.Record{
				Tenant: "tenant", Seq: head.Seq + 1, Prev: head.Hash, Time: w.Times[i], Body: body, Blobs: blobs,
			})
		}
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range events {
			if in, ok := e.(scheduler.ItemEnqueued); ok {
				l.last, l.span = in, explain.Span{From: head.Seq, Since: in.EventTime}
			}
		}
		l.events += len(events)
	}
	l.commits = head.Seq
	w.Events, w.Commits, w.Times = nil, nil, nil
	w.History, w.Reports, w.Sent, w.Merged = nil, nil, nil, nil
	return head
}

func (l *longLog) past() *past.Reader {
	return past.New(past.Config{Log: l.log, Decode: l.codec.DecodeEvents, Now: func() time.Time { return l.now }})
}

// measure reports the time of the processor, which others don't spoil.
func measure(b *testing.B, l *longLog, f func()) {
	begun := cpu(b)
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64((cpu(b)-begun).Milliseconds())/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(l.events), "events")
	b.ReportMetric(float64(l.commits), "commits")
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPast is what looking back costs on a log of 100,000 events.
func BenchmarkPast(b *testing.B) {
	l := longLogOf(b)
	ctx := b.Context()
	must := func(b *testing.B, err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("find-a-time", func(b *testing.B) {
		r := l.past()
		measure(b, l, func() {
			_, err := r.Find(ctx, "tenant", l.now.Add(-time.Hour))
			must(b, err)
		})
	})
	b.Run("state-from-the-beginning", func(b *testing.B) {
		measure(b, l, func() { must(b, l.past().View(ctx, "tenant", l.commits, func(*scheduler.State) {})) })
	})
	b.Run("state-near-the-last", func(b *testing.B) {
		r := l.past()
		seq := l.commits - 10_000
		must(b, r.View(ctx, "tenant", seq, func(*scheduler.State) {}))
		measure(b, l, func() {
			seq++
			must(b, r.View(ctx, "tenant", seq, func(*scheduler.State) {}))
		})
	})
	what := strconv.Itoa(l.last.Refs[0].Number)
	b.Run("explain-whole-log", func(b *testing.B) {
		r := explain.New(explain.Config{Past: l.past()})
		measure(b, l, func() {
			_, err := r.Explain(ctx, explain.Question{Tenant: "tenant", What: what})
			must(b, err)
		})
	})
	live := func(_ scheduler.TenantName, fn func(*scheduler.State, uint64)) error {
		fn(l.state, l.commits)
		return nil
	}
	b.Run("explain-now", func(b *testing.B) {
		r := explain.New(explain.Config{Past: l.past(), Live: live, Index: oneSpan{l.span}, Most: 200_000})
		measure(b, l, func() {
			_, err := r.Explain(ctx, explain.Question{Tenant: "tenant", What: what})
			must(b, err)
		})
	})
	b.Run("explain-prefix", func(b *testing.B) {
		r := explain.New(explain.Config{Past: l.past(), Live: live, Index: oneSpan{l.span}, Most: 200_000})
		measure(b, l, func() {
			_, err := r.Explain(ctx, explain.Question{Tenant: "tenant", What: string(l.last.Item[:10])})
			must(b, err)
		})
	})
}

// oneSpan is an index that knows one place.
type oneSpan struct{ explain.Span }

func (o oneSpan) Change(context.Context, scheduler.TenantName, int) ([]explain.Span, error) {
	return []explain.Span{o.Span}, nil
}

func (o oneSpan) Ref(context.Context, scheduler.TenantName, string, string) ([]explain.Span, error) {
	return []explain.Span{o.Span}, nil
}

func (o oneSpan) ID(_ context.Context, _ scheduler.TenantName, id string) (explain.Place, bool, error) {
	return explain.Place{Kind: explain.KindItem, Item: scheduler.ItemID(id), Span: o.Span}, true, nil
}

func (o oneSpan) Refs(context.Context, scheduler.TenantName, scheduler.ItemID) []scheduler.Ref {
	return nil
}

func ExampleDocument_Text() {
	fmt.Print(explain.Document{Kind: explain.KindChange, What: "12", Tenant: "acme", Seq: 7, Current: []string{"It is in no pipeline."}}.Text())
	// Output:
	// change 12 of tenant acme at 0001-01-01 00:00:00 UTC (record 7)
	//   It is in no pipeline.
}
