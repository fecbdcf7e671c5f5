package explain

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/past"
	"github.com/gozer-ci/gozer/scheduler"
)

// Index tells where in a log things stand, so that not all of it is read. It
// may be behind the log by a moment.
type Index interface {
	// Change and Ref return where items of it were in pipelines, and where it
	// was refused, newest first. Ref takes names as Question.What has them.
	Change(ctx context.Context, t scheduler.TenantName, number int) ([]Span, error)
	Ref(ctx context.Context, t scheduler.TenantName, project, ref string) ([]Span, error)
	// ID finds what has a full identifier; false when nothing has.
	ID(ctx context.Context, t scheduler.TenantName, id string) (Place, bool, error)
	// Refs names an item; nil for an unknown one.
	Refs(ctx context.Context, t scheduler.TenantName, id scheduler.ItemID) []scheduler.Ref
}

// Span is a stretch of commits.
type Span struct {
	// From and To are the first and last commit; To 0 is open.
	From, To uint64
	// Since is when the source saw the event that began it; zero if unknown.
	Since time.Time
}

// Place is what an identifier belongs to.
type Place struct {
	Kind     Kind
	Item     scheduler.ItemID
	Buildset scheduler.BuildsetID
	Job      scheduler.JobKey // of a build
	Span     Span             // of the item
}

// fullID is the length of a whole identifier.
const fullID = 32

// locate finds what an identifier, or its beginning, means, and where the
// subject stands.
func (a *asking) locate() (err error) {
	index, s := a.cfg.Index, a.sub
	switch {
	case index == nil && s.id == "":
		return nil
	case index != nil && s.kind == KindChange:
		a.spans, err = index.Change(a.ctx, a.q.Tenant, s.number)
		return err
	case index != nil && s.kind == KindRef:
		a.spans, err = index.Ref(a.ctx, a.q.Tenant, s.project, s.ref)
		return err
	case index != nil && len(s.id) == fullID:
		place, ok, err := index.ID(a.ctx, a.q.Tenant, s.id)
		if err != nil {
			return err
		}
		if ok {
			a.spans = []Span{place.Span}
			s.become(found{place.Kind, s.id, place.Item, place.Buildset, place.Job})
			return nil
		}
	}
	return a.search()
}

// search looks for an identifier in the state and in the log.
func (a *asking) search() error {
	f := newFinder(a.sub.id)
	if err := a.view(f.state); err != nil {
		return err
	}
	if len(f.all) != 1 || len(a.sub.id) < fullID {
		if err := a.scan(f); err != nil {
			return err
		}
	}
	if err := f.settle(a.sub); err != nil || a.cfg.Index == nil {
		return err
	}
	for item := range a.sub.items {
		place, ok, err := a.cfg.Index.ID(a.ctx, a.q.Tenant, string(item))
		if err != nil {
			return err
		}
		if ok {
			a.spans = []Span{place.Span}
		}
	}
	return nil
}

// scan looks into the newest commits. Only those that hold the digits are
// decoded.
func (a *asking) scan(f *finder) error {
	digits := []byte(`"` + f.prefix)
	return a.cfg.Past.Records(a.ctx, a.q.Tenant, a.oldest(), a.at.Seq, func(rec eventlog.Record) error {
		if !bytes.Contains(rec.Body, digits) {
			return nil
		}
		c, err := a.cfg.Past.Decode(rec)
		if err != nil {
			return err
		}
		for _, e := range c.Events {
			f.event(e)
		}
		return nil
	})
}

// oldest is the first commit that may be read.
func (a *asking) oldest() uint64 {
	if a.cfg.Most == 0 || a.at.Seq <= a.cfg.Most {
		return 1
	}
	return a.at.Seq - a.cfg.Most + 1
}

// lookBack is how many commits before an item's first one are read at most,
// for the event that brought it.
const lookBack = 2000

// widen lets a span begin where the event arrived.
func (a *asking) widen(s Span) (Span, error) {
	if s.Since.IsZero() || s.From <= 1 {
		return s, nil
	}
	p, err := a.find(s.Since.Add(-2 * time.Second))
	if err != nil {
		return s, err
	}
	least := uint64(1)
	if s.From > lookBack {
		least = s.From - lookBack
	}
	s.From = min(s.From, max(p.Seq, least))
	return s, nil
}

// find is Past.Find; a time before the log is its first commit.
func (a *asking) find(at time.Time) (past.Point, error) {
	p, err := a.cfg.Past.Find(a.ctx, a.q.Tenant, at)
	if _, refused := errors.AsType[*scheduler.Rejection](err); refused {
		return past.Point{Seq: 1}, nil
	}
	return p, err
}
