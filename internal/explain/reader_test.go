package explain_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/memory"
	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/internal/past"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// told is a random history in a log.
type told struct {
	w       *schedtest.World
	commits []explain.Commit
	past    *past.Reader
}

func tell(t *testing.T, steps int) *told {
	t.Helper()
	h, err := schedtest.RunHistory(11, steps, true)
	if err != nil {
		t.Fatal(err)
	}
	log := memory.New()
	codec := wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return log.Blob(context.Background(), h) })
	out := &told{w: h.W, commits: commitsOf(h.W)}
	var head eventlog.Head
	for i := range out.commits {
		c := &out.commits[i]
		c.Events = slices.Clone(c.Events)
		for j, e := range c.Events {
			c.Events[j] = named(t, e)
		}
		body, blobs, err := codec.EncodeEvents(c.Events)
		if err != nil {
			t.Fatal(err)
		}
		r := eventlog.Record{Tenant: "tenant", Seq: c.Seq, Prev: head.Hash, Time: c.Time, Body: body, Blobs: blobs}
		if head, err = log.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	now := func() time.Time { return h.W.Now }
	out.past = past.New(past.Config{Log: log, Decode: codec.DecodeEvents, Now: now})
	return out
}

// named gives layouts and graphs the hashes that a log keeps them apart by: the
// world gives different ones the same.
func named(t *testing.T, e scheduler.Event) scheduler.Event {
	t.Helper()
	hash := func(value any) scheduler.Hash {
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return scheduler.Hash(fmt.Sprintf("%T-%x", value, sha256.Sum256(data)))
	}
	switch e := e.(type) {
	case scheduler.LayoutLoaded:
		if e.Layout != nil {
			l := *e.Layout
			l.Hash = hash(l)
			e.Layout = &l
		}
		return e
	case scheduler.ItemPrepared:
		if e.Graph != nil {
			g := *e.Graph
			g.Hash = hash(g)
			e.Graph = &g
		}
		return e
	}
	return e
}

// whats are things to ask about: changes, items, buildsets and builds.
func (h *told) whats() []string {
	var out []string
	for k := range h.w.Changes {
		out = append(out, strconv.Itoa(k.Number))
	}
	for i, e := range h.w.Events {
		if i%13 != 0 {
			continue
		}
		switch e := e.(type) {
		case scheduler.ItemEnqueued:
			out = append(out, string(e.Item))
		case scheduler.PrepareRequested:
			out = append(out, string(e.Buildset), string(e.Buildset[:12]))
		case scheduler.BuildRequested:
			out = append(out, string(e.Build))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestReaderAnswersAsTheWholeLog compares what a reader finds in a log with
// the answer from all events: now and in the past, with and without an index.
func TestReaderAnswersAsTheWholeLog(t *testing.T) {
	t.Parallel()
	h := tell(t, 300)
	live := func(_ scheduler.TenantName, fn func(*scheduler.State, uint64)) error {
		fn(h.w.S, uint64(len(h.commits)))
		return nil
	}
	plain := explain.New(explain.Config{Past: h.past})
	indexed := explain.New(explain.Config{Past: h.past, Live: live, Index: &index{h}, Most: 100_000})
	whats := h.whats()
	if len(whats) < 20 {
		t.Fatalf("only %d things to ask about", len(whats))
	}
	for i, what := range whats {
		upTo := len(h.commits)
		q := explain.Question{Tenant: "tenant", What: what}
		if i%2 == 0 {
			upTo = len(h.commits) / 2
			q.At = h.commits[upTo-1].Time
		}
		s := scheduler.NewState("tenant")
		for _, c := range h.commits[:upTo] {
			scheduler.Fold(s, c.Events)
		}
		want, wantErr := explain.Answer(q, s, h.commits[:upTo])
		for name, r := range map[string]*explain.Reader{"whole log": plain, "index": indexed} {
			got, err := r.Explain(t.Context(), q)
			if (err == nil) != (wantErr == nil) {
				t.Errorf("%s: %s: got %v, want %v", name, what, err, wantErr)
				continue
			}
			if err == nil && !strings.Contains(got.Text(), "left out") {
				if d := cmp.Diff(tail(want), tail(got)); d != "" {
					t.Errorf("%s: %s at commit %d (-want +got):\n%s", name, what, upTo, d)
				}
			}
		}
	}
}

// tail is what two ways to an answer have in common: an index leaves out
// events that led to nothing, and what becomes of a held build when its item
// is long gone.
func tail(d explain.Document) explain.Document {
	d.At = d.At.Truncate(time.Hour)
	d.Timeline = slices.DeleteFunc(slices.Clone(d.Timeline), func(e explain.Entry) bool {
		return e.Item == "" || strings.HasPrefix(e.Event, "hold.released")
	})
	return d
}

// index finds places by looking at all events.
type index struct{ *told }

func (x *index) spans(meant func(scheduler.ItemEnqueued) bool) []explain.Span {
	var out []explain.Span
	at := map[scheduler.ItemID]int{}
	for _, c := range x.commits {
		for _, e := range c.Events {
			switch e := e.(type) {
			case scheduler.ItemEnqueued:
				if meant(e) {
					at[e.Item] = len(out)
					out = append(out, explain.Span{From: c.Seq, Since: e.EventTime})
				}
			case scheduler.ItemDequeued:
				if i, ok := at[e.Item]; ok {
					out[i].To = c.Seq
				}
			}
		}
	}
	return out
}

func (x *index) Change(_ context.Context, _ scheduler.TenantName, number int) ([]explain.Span, error) {
	out := x.spans(func(e scheduler.ItemEnqueued) bool {
		return slices.ContainsFunc(e.Refs, func(r scheduler.Ref) bool { return r.Number == number })
	})
	for _, c := range x.commits {
		for _, e := range c.Events {
			if r, ok := e.(scheduler.EnqueueRefused); ok && r.Ref.Number == number {
				out = append(out, explain.Span{From: c.Seq, To: c.Seq, Since: c.Time})
			}
		}
	}
	return out, nil
}

func (x *index) Ref(_ context.Context, _ scheduler.TenantName, project, ref string) ([]explain.Span, error) {
	return x.spans(func(e scheduler.ItemEnqueued) bool { return e.Refs[0].Name == project && e.Refs[0].Branch == ref }), nil
}

func (x *index) ID(_ context.Context, _ scheduler.TenantName, id string) (explain.Place, bool, error) {
	var p explain.Place
	for _, c := range x.commits {
		for _, e := range c.Events {
			switch e := e.(type) {
			case scheduler.ItemEnqueued:
				if string(e.Item) == id {
					p = explain.Place{Kind: explain.KindItem, Item: e.Item}
				}
			case scheduler.PrepareRequested:
				if string(e.Buildset) == id {
					p = explain.Place{Kind: explain.KindBuildset, Item: e.Item, Buildset: e.Buildset}
				}
			case scheduler.BuildRequested:
				if string(e.Build) == id {
					p = explain.Place{Kind: explain.KindBuild, Item: e.Item, Buildset: e.Buildset, Job: scheduler.JobKey{Name: e.Job, Ref: e.Ref}}
				}
			}
		}
	}
	if p.Item == "" {
		return p, false, nil
	}
	p.Span = x.spans(func(e scheduler.ItemEnqueued) bool { return e.Item == p.Item })[0]
	return p, true, nil
}

func (x *index) Refs(_ context.Context, _ scheduler.TenantName, id scheduler.ItemID) []scheduler.Ref {
	var out []scheduler.Ref
	x.spans(func(e scheduler.ItemEnqueued) bool {
		if e.Item == id {
			out = e.Refs
		}
		return false
	})
	return out
}

func TestReaderRefusals(t *testing.T) {
	t.Parallel()
	h := tell(t, 100)
	r := explain.New(explain.Config{Past: h.past})
	for what, code := range map[string]string{
		"": "invalid", "1,": "invalid", "xyz": "invalid", "a1": "invalid", "project@": "invalid",
		"999999": "not_found", "0123456789abcdef0123456789abcdef": "not_found", "nowhere@main": "not_found",
	} {
		_, err := r.Explain(t.Context(), explain.Question{Tenant: "tenant", What: what})
		if refusal, ok := errors.AsType[*scheduler.Rejection](err); !ok || refusal.Code != code {
			t.Errorf("%q: got %v, want %s", what, err, code)
		}
	}
	if _, err := r.Explain(t.Context(), explain.Question{Tenant: "tenant", What: "1", At: h.w.Now.Add(time.Hour)}); err == nil {
		t.Error("the future is known")
	}
}

// TestLongStoriesAreCut keeps the newest part and says so.
func TestLongStoriesAreCut(t *testing.T) {
	t.Parallel()
	h := tell(t, 300)
	live := func(_ scheduler.TenantName, fn func(*scheduler.State, uint64)) error {
		fn(h.w.S, uint64(len(h.commits)))
		return nil
	}
	r := explain.New(explain.Config{Past: h.past, Live: live, Index: &index{h}, Most: 5})
	cut := 0
	for _, what := range h.whats() {
		doc, err := r.Explain(t.Context(), explain.Question{Tenant: "tenant", What: what})
		if err != nil {
			continue
		}
		if slices.ContainsFunc(doc.Notes, func(n string) bool { return strings.Contains(n, "is left out") }) {
			cut++
		}
	}
	if cut == 0 {
		t.Error("nothing was cut")
	}
}
