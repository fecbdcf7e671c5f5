package web_test

import (
	"context"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// past is that of acme: its log began a minute ago, and its second commit was
// made 20 seconds ago.
type past struct {
	*live
	mu    sync.Mutex
	folds int
}

func (p *past) commits(at time.Time) ([]explain.Commit, error) {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	var out []explain.Commit
	for i, events := range p.log {
		made := ago(20 * time.Second)
		if i == 0 {
			made = ago(time.Minute)
		}
		if !made.After(at) {
			out = append(out, explain.Commit{Seq: uint64(i + 1), Time: made, Events: events})
		}
	}
	switch {
	case at.After(start.Add(time.Minute)):
		return nil, &scheduler.Rejection{Code: "invalid", Message: "the time is in the future", Subject: at.Format(time.RFC3339)}
	case len(out) == 0:
		return nil, &scheduler.Rejection{Code: "invalid", Message: "the tenant's log began later", Subject: at.Format(time.RFC3339)}
	}
	return out, nil
}

func (p *past) At(_ context.Context, t scheduler.TenantName, at time.Time, f func(*scheduler.State)) (web.Moment, error) {
	list, err := p.commits(at)
	if err != nil {
		return web.Moment{}, err
	}
	s := scheduler.NewState(t)
	for _, c := range list {
		scheduler.Fold(s, c.Events)
	}
	p.mu.Lock()
	p.folds++
	p.mu.Unlock()
	f(s)
	last := list[len(list)-1]
	return web.Moment{Seq: last.Seq, Time: last.Time, At: at}, nil
}

func (p *past) Explain(_ context.Context, q explain.Question) (explain.Document, error) {
	at := q.At
	if at.IsZero() {
		at = start
	}
	list, err := p.commits(at)
	if err != nil {
		return explain.Document{}, err
	}
	s := scheduler.NewState(q.Tenant)
	for _, c := range list {
		scheduler.Fold(s, c.Events)
	}
	return explain.Answer(q, s, list)
}
