package replica

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// tenant is what a replica has of one tenant.
type tenant struct {
	name scheduler.TenantName

	// state is written by the fold goroutine under the write lock and read by
	// views; nil until it was loaded. It is locked before mu.
	stateMu sync.RWMutex
	state   *scheduler.State
	folded  eventlog.Head // the last commit in state; the folder's own

	mu        sync.Mutex
	at        Status
	goal      uint64 // the log's head when the tenant was first read
	goalKnown bool
	changed   chan struct{} // closed and replaced when at changes
	readers   map[chan uint64]struct{}
	closed    bool

	// restart ends the feed under way so that it begins again; set by feed.
	restart  context.CancelFunc
	life     uint64 // of the feed; older projections are dropped
	rebuilds int
	refillTo uint64 // what the read models held before the last rebuild
}

func newTenant(name scheduler.TenantName) *tenant {
	return &tenant{name: name, at: Status{Tenant: name},
		changed: make(chan struct{}), readers: map[chan uint64]struct{}{}}
}

func (t *tenant) view(fn func(*scheduler.State, uint64)) error {
	t.stateMu.RLock()
	defer t.stateMu.RUnlock()
	at := t.status()
	switch {
	case at.Stopped:
		return fmt.Errorf("tenant %s: %w: %w", t.name, ErrStopped, at.Err)
	case t.state == nil:
		return fmt.Errorf("tenant %s: %w", t.name, ErrNotReady)
	}
	fn(t.state, at.Folded)
	return nil
}

func (t *tenant) status() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.at
}

// update changes the status and wakes who waits for it.
func (t *tenant) update(fn func(*Status)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	folded := t.at.Folded
	fn(&t.at)
	t.at.Live = t.goalKnown && t.at.Folded >= t.goal
	t.at.CaughtUp = t.at.Live && t.at.Projected >= t.goal
	close(t.changed)
	t.changed = make(chan struct{})
	if t.at.Folded != folded {
		for c := range t.readers {
			offer(c, t.at.Folded)
		}
	}
	if t.at.Stopped {
		t.hangUp()
	}
}

// offer puts seq into c in place of what nobody took.
func offer(c chan uint64, seq uint64) {
	select {
	case <-c:
	default:
	}
	c <- seq
}

// reach notes the log's head when the tenant was first read.
func (t *tenant) reach(seq uint64) {
	t.mu.Lock()
	if !t.goalKnown {
		t.goal, t.goalKnown = seq, true
	}
	t.mu.Unlock()
	t.update(func(*Status) {})
}

// stop ends work on the tenant for good.
func (t *tenant) stop(err error) {
	t.update(func(at *Status) {
		if !at.Stopped {
			at.Stopped, at.Err = true, err
		}
	})
}

// trouble notes an error that may pass; nil says that it has.
func (t *tenant) trouble(err error) {
	if now := t.status(); now.Stopped || (now.Err == nil && err == nil) {
		return
	}
	t.update(func(at *Status) {
		if !at.Stopped {
			at.Err = err
		}
	})
}

// waitFor waits for a commit and lets the projector know, by hurry, that
// somebody does.
func (t *tenant) waitFor(ctx context.Context, seq uint64, hurry chan<- struct{}) error {
	for {
		t.mu.Lock()
		at, changed, closed := t.at, t.changed, t.closed
		t.mu.Unlock()
		switch {
		case at.Folded >= seq && at.Projected >= seq:
			return nil
		case at.Stopped:
			return fmt.Errorf("wait for commit %d of tenant %s: %w: %w", seq, t.name, ErrStopped, at.Err)
		case closed:
			return fmt.Errorf("wait for commit %d of tenant %s: %w", seq, t.name, errEnded)
		}
		select {
		case hurry <- struct{}{}:
		default:
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for commit %d of tenant %s: %w", seq, t.name, ctx.Err())
		}
	}
}

var errEnded = errors.New("the replica has ended")

func (t *tenant) subscribe(ctx context.Context) <-chan uint64 {
	c := make(chan uint64, 1)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at.Stopped || t.closed {
		close(c)
		return c
	}
	c <- t.at.Folded
	t.readers[c] = struct{}{}
	context.AfterFunc(ctx, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if _, ok := t.readers[c]; ok {
			delete(t.readers, c)
			close(c)
		}
	})
	return c
}

// hangUp closes all subscriptions; the caller holds mu.
func (t *tenant) hangUp() {
	for c := range t.readers {
		close(c)
	}
	clear(t.readers)
}

// close wakes everyone when the replica has ended.
func (t *tenant) close() {
	t.mu.Lock()
	t.closed = true
	t.hangUp()
	t.mu.Unlock()
	t.update(func(*Status) {})
}
