package explain

import (
	"context"

	"github.com/gozer-ci/gozer/internal/past"
	"github.com/gozer-ci/gozer/scheduler"
)

// Config is what a Reader works with.
type Config struct {
	Past *past.Reader
	// Live shows the present state of a tenant; nil where no server runs, and
	// the state is folded from the log.
	Live func(t scheduler.TenantName, fn func(s *scheduler.State, seq uint64)) error
	// Index tells where in the log to look; nil reads all of it.
	Index Index
	// Most is how many commits one answer may read; 0 is no limit.
	Most uint64
}

// Reader answers from a log. Its methods may be called from any goroutine.
type Reader struct{ cfg Config }

// New returns a reader.
func New(cfg Config) *Reader { return &Reader{cfg: cfg} }

// Explain answers a question. What the asker got wrong is a Rejection: invalid
// or not_found, and unavailable when the way to that time is too long.
func (r *Reader) Explain(ctx context.Context, q Question) (Document, error) {
	sub, err := q.parse()
	if err != nil {
		return Document{}, err
	}
	p, err := r.cfg.Past.Find(ctx, q.Tenant, q.At)
	if err != nil {
		return Document{}, err
	}
	a := &asking{Reader: r, ctx: ctx, q: q, sub: sub, at: p}
	if err := a.locate(); err != nil {
		return Document{}, err
	}
	var sc scene
	if err := a.view(func(s *scheduler.State) { sc = sceneOf(sub, s) }); err != nil {
		return Document{}, err
	}
	t := newStory(sub, newWho(a.olderRefs))
	notes, err := a.read(t, sc)
	if err != nil {
		return Document{}, err
	}
	doc, err := t.document(q, sc, a.at)
	doc.Notes = append(doc.Notes, notes...)
	return doc, err
}

// asking is one question on its way.
type asking struct {
	*Reader
	ctx   context.Context
	q     Question
	sub   *subject
	at    past.Point
	spans []Span // where the index says that the subject stands
}

// view shows the state at the time asked about. The live state may be newer
// than the log was a moment ago; the answer follows it.
func (a *asking) view(fn func(*scheduler.State)) error {
	if a.cfg.Live == nil || !a.q.At.IsZero() {
		return a.cfg.Past.View(a.ctx, a.q.Tenant, a.at.Seq, fn)
	}
	return a.cfg.Live(a.q.Tenant, func(s *scheduler.State, seq uint64) {
		a.at.Seq = seq
		fn(s)
	})
}

// olderRefs names items whose beginning was not read.
func (a *asking) olderRefs(id scheduler.ItemID) []scheduler.Ref {
	if a.cfg.Index == nil {
		return nil
	}
	return a.cfg.Index.Refs(a.ctx, a.q.Tenant, id)
}
