package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/internal/past"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// explainedCommits is how many commits one answer of a server reads: some
// seconds of work.
const explainedCommits = 200_000

// openPast opens what looks back. A codec of its own keeps old blobs from
// taking the place of those in use.
func (a *App) openPast() {
	codec := wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return a.eventlog.Blob(context.Background(), h) })
	a.past = past.New(past.Config{
		Log: a.eventlog, Snapshots: a.snapshots, Decode: codec.DecodeEvents, Logger: a.log, Now: time.Now,
	})
	a.explainers = make(chan struct{}, explainersAtOnce)
	a.explain = explain.New(explain.Config{
		Past: a.past, Live: a.replica.View, Index: explainIndex{a}, Most: explainedCommits,
	})
}

// explainIndex finds places in the log by the read models.
type explainIndex struct{ *App }

// spanned is how many stays of a change or ref in pipelines are looked at.
const spanned = 30

func (x explainIndex) Change(ctx context.Context, t scheduler.TenantName, number int) ([]explain.Span, error) {
	x.catchUp(ctx, t)
	var out []explain.Span
	for _, p := range x.projectsWith(t, number) {
		c, err := x.store.Change(ctx, t, scheduler.ChangeKey{Project: p, Number: number}, spanned)
		if err != nil {
			return nil, rowError(err, "change")
		}
		for i := range c.Items {
			out = append(out, spanOf(&c.Items[i]))
		}
		for _, d := range c.Refusals {
			out = append(out, explain.Span{From: d.Seq, To: d.Seq, Since: d.Time})
		}
	}
	return out, nil
}

// catchUp waits until the read models know what the live state knows, so that
// the same question has the same answer a moment later. Those of a tenant that
// has stopped are read as they are.
func (x explainIndex) catchUp(ctx context.Context, t scheduler.TenantName) {
	if err := x.replica.WaitFor(ctx, t, x.replica.Seq(t)); err != nil {
		x.log.Debug("explaining from what the read models have", "tenant", t, "err", err)
	}
}

// spanOf is an item's stay: its first decision is that it entered, its last
// one that it left.
func spanOf(it *store.Item) explain.Span {
	s := explain.Span{From: 1, Since: it.EventTime}
	if n := len(it.Decisions); n > 0 {
		s.From = it.Decisions[0].Seq
		if !it.DequeuedAt.IsZero() {
			s.To = it.Decisions[n-1].Seq
		}
	}
	return s
}

func (x explainIndex) Ref(ctx context.Context, t scheduler.TenantName, project, ref string) ([]explain.Span, error) {
	x.catchUp(ctx, t)
	sets, err := x.store.Buildsets(ctx, t, store.BuildsetFilter{
		Refs: []string{ref, "refs/heads/" + ref, "refs/tags/" + ref}, Page: store.Page{Limit: spanned},
	})
	if err != nil {
		return nil, rowError(err, "buildsets")
	}
	var out []explain.Span
	var seen []scheduler.ItemID
	for _, b := range sets {
		ours := slices.ContainsFunc(b.Refs, func(r scheduler.Ref) bool { return r.Name == project || string(r.Project) == project })
		if !ours || slices.Contains(seen, b.Item) {
			continue
		}
		seen = append(seen, b.Item)
		place, ok, err := x.item(ctx, t, b.Item)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, place.Span)
		}
	}
	return out, nil
}

func (x explainIndex) ID(ctx context.Context, t scheduler.TenantName, id string) (explain.Place, bool, error) {
	place, ok, err := x.item(ctx, t, scheduler.ItemID(id))
	if ok || err != nil {
		return place, ok, err
	}
	set, err := x.store.Buildset(ctx, t, scheduler.BuildsetID(id))
	if err == nil {
		place, ok, err = x.item(ctx, t, set.Item)
		place.Kind, place.Buildset = explain.KindBuildset, set.UUID
		return place, ok, err
	}
	if !errors.Is(err, store.ErrNotFound) {
		return explain.Place{}, false, rowError(err, id)
	}
	return x.build(ctx, t, scheduler.BuildID(id))
}

func (x explainIndex) item(ctx context.Context, t scheduler.TenantName, id scheduler.ItemID) (explain.Place, bool, error) {
	it, err := x.store.Item(ctx, t, id)
	if errors.Is(err, store.ErrNotFound) {
		return explain.Place{}, false, nil
	}
	if err != nil {
		return explain.Place{}, false, rowError(err, string(id))
	}
	return explain.Place{Kind: explain.KindItem, Item: it.UUID, Span: spanOf(&it)}, true, nil
}

func (x explainIndex) build(ctx context.Context, t scheduler.TenantName, id scheduler.BuildID) (explain.Place, bool, error) {
	b, err := x.store.Build(ctx, t, id)
	if errors.Is(err, store.ErrNotFound) {
		return explain.Place{}, false, nil
	}
	if err != nil {
		return explain.Place{}, false, rowError(err, string(id))
	}
	set, err := x.store.Buildset(ctx, t, b.Buildset)
	if err != nil {
		return explain.Place{}, false, rowError(err, string(b.Buildset))
	}
	place, ok, err := x.item(ctx, t, set.Item)
	place.Kind, place.Buildset = explain.KindBuild, b.Buildset
	place.Job = scheduler.JobKey{Name: b.Job, Ref: max(0, slices.Index(set.Refs, b.Ref))}
	return place, ok, err
}

// Refs implements explain.Index. A name that can't be had is left out.
func (x explainIndex) Refs(ctx context.Context, t scheduler.TenantName, id scheduler.ItemID) []scheduler.Ref {
	it, err := x.store.Item(ctx, t, id)
	if err != nil {
		return nil
	}
	return it.Refs
}

// lookingBack shows the web what was.
type lookingBack struct{ *App }

// At implements web.Past.
func (l lookingBack) At(ctx context.Context, t scheduler.TenantName, at time.Time, f func(*scheduler.State)) (web.Moment, error) {
	p, err := l.past.Find(ctx, t, at)
	if err != nil {
		return web.Moment{}, err
	}
	if err := l.past.View(ctx, t, p.Seq, f); err != nil {
		return web.Moment{}, err
	}
	return web.Moment{Seq: p.Seq, Time: p.Time, At: p.At}, nil
}

// Answers at the same time, and how long one may take with waiting for its
// turn: whoever asks must not take the machine from those who work.
const (
	explainersAtOnce = 2
	explainPatience  = 30 * time.Second
)

// Explain implements web.Past.
func (l lookingBack) Explain(ctx context.Context, q explain.Question) (doc explain.Document, err error) {
	limited, cancel := context.WithTimeout(ctx, explainPatience)
	defer cancel()
	select {
	case l.explainers <- struct{}{}:
		defer func() { <-l.explainers }()
		doc, err = l.explain.Explain(limited, q)
	case <-limited.Done():
		err = limited.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = &scheduler.Rejection{
			Code: "unavailable", Message: "the answer takes longer than " + explainPatience.String() + "; ask about an item or a pipeline, or offline", Subject: q.What,
		}
	}
	return doc, err
}
