package app

import (
	"context"
	"errors"
	"sync"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// loads tells how loading a tenant's configuration goes.
type loads struct {
	mu      sync.Mutex
	request uint64 // of the newest attempt
	err     error  // why it failed; nil when it did not
	changed chan struct{}
}

// note records how an attempt ended.
func (l *loads) note(request uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.request, l.err = request, err
	close(l.changed)
	l.changed = make(chan struct{})
}

// expect forgets an earlier failure, since another attempt follows.
func (l *loads) expect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = nil
}

// await returns once a load of the given request, or a later one, succeeded
// (nil), or an attempt of any load failed: those before it come first. When the
// tenant is done, there is nothing to wait for.
func (l *loads) await(ctx context.Context, request uint64, done <-chan struct{}) (failed error) {
	for {
		l.mu.Lock()
		loaded, err, changed := l.request >= request && l.request > 0, l.err, l.changed
		l.mu.Unlock()
		if loaded || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-done:
			return errors.New("the tenant has stopped")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// newest is the request of the newest attempt.
func (l *loads) newest() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.request
}

// loadLayout answers with the configuration as it is now. One that can't be
// read is tried until it can; the last good one stays as long.
func (a *App) loadLayout(ctx context.Context, t *tenant, f scheduler.LoadLayout) {
	var answer scheduler.LoadedLayout
	err := persist(ctx, a.log, "load configuration of "+string(t.name), 0, a.inTurn(func(ctx context.Context) (err error) {
		if t.leaving.Load() {
			return nil
		}
		answer, err = t.preparer.Load(ctx, f)
		if ctx.Err() == nil {
			t.loads.note(f.Request, err)
		}
		return err
	}))
	if err == nil && !t.leaving.Load() {
		t.submit(answer)
	}
}

// noLayout answers for a tenant that left: without projects and pipelines its
// builds are cancelled and its items dequeued.
func (t *tenant) noLayout(f scheduler.LoadLayout) {
	empty, _ := (&tenants.Tenant{Name: t.name}).Load(nil)
	t.submit(scheduler.LoadedLayout{Request: f.Request, Layout: empty.Core()})
}
