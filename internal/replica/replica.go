package replica

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// Log is what a replica reads of the log of record; see eventlog.Log.
type Log interface {
	Read(ctx context.Context, t scheduler.TenantName, from uint64, fn func(eventlog.Record, eventlog.Hash) error) error
	Head(ctx context.Context, t scheduler.TenantName) (eventlog.Head, error)
	Tenants(ctx context.Context) ([]scheduler.TenantName, error)
	Follow(ctx context.Context, t scheduler.TenantName, from uint64) iter.Seq2[eventlog.Record, error]
}

// Snapshots shorten the way to the live state; see eventlog.Snapshots.
type Snapshots interface {
	Latest(ctx context.Context, t scheduler.TenantName, atMost uint64) (*eventlog.Snapshot, []eventlog.SnapshotDamage, error)
}

// Models is where commits are projected; see store.Store.
type Models interface {
	Apply(ctx context.Context, commits []store.Commit) error
	Applied(t scheduler.TenantName) (store.Position, error)
	Reset(t scheduler.TenantName) error
}

// Errors that callers branch on, with errors.Is.
var (
	// ErrUnknownTenant says that the log has nothing of the tenant.
	ErrUnknownTenant = errors.New("unknown tenant")
	// ErrNotReady says that the tenant's state is still being read.
	ErrNotReady = errors.New("the tenant is still being read from the log")
	// ErrStopped says that a tenant's log is not what it was; nothing newer is
	// shown of it until the process is restarted on a repaired log.
	ErrStopped = errors.New("the tenant's replica has stopped")
)

// Config is what a replica works with.
type Config struct {
	Log Log
	// Snapshots may be nil.
	Snapshots Snapshots
	// Decode reads the body of a record. The two followers of a tenant call
	// it at the same time.
	Decode func(body []byte) ([]scheduler.Event, error)
	Models Models
	Logger *slog.Logger
	// LookEvery is how often the log is asked for new tenants; 0 is a second.
	// WaitFor and Track make a tenant known at once.
	LookEvery time.Duration
	// RetryAfter is the pause after trouble that may pass; 0 is a second.
	RetryAfter time.Duration
	// GatherFor is how long commits gather for one transaction of the read
	// models; 0 is 10 ms. Its syncs compete with those of the log, so under
	// load there should be few. WaitFor does not wait for it.
	GatherFor time.Duration
}

// Replica serves readers. All methods may be called from any goroutine.
type Replica struct {
	cfg   Config
	work  chan projection
	hurry chan struct{} // has room for one: somebody waits for the read models

	mu      sync.Mutex
	tenants map[scheduler.TenantName]*tenant
	looked  bool                     // the log's tenants were listed once
	start   func(tenants ...*tenant) // nil before and after Run
}

// New returns a replica that does nothing until Run.
func New(cfg Config) *Replica {
	if cfg.LookEvery == 0 {
		cfg.LookEvery = time.Second
	}
	if cfg.RetryAfter == 0 {
		cfg.RetryAfter = time.Second
	}
	if cfg.GatherFor == 0 {
		cfg.GatherFor = 10 * time.Millisecond
	}
	return &Replica{cfg: cfg, work: make(chan projection, workQueue), hurry: make(chan struct{}, 1),
		tenants: map[scheduler.TenantName]*tenant{}}
}

// Run follows the log until ctx ends; it is called once. Trouble with a tenant
// does not end it.
func (r *Replica) Run(ctx context.Context) error {
	var running sync.WaitGroup
	r.mu.Lock()
	r.start = func(tenants ...*tenant) {
		for _, t := range tenants {
			running.Go(func() { r.fold(ctx, t) })
			running.Go(func() { r.feed(ctx, t) })
		}
	}
	for _, t := range r.tenants {
		r.start(t)
	}
	r.mu.Unlock()
	running.Go(func() { r.projectAll(ctx) })
	r.look(ctx)
	r.mu.Lock()
	r.start = nil
	r.mu.Unlock()
	running.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.tenants {
		t.close()
	}
	return nil
}

// look asks the log for tenants until ctx ends.
func (r *Replica) look(ctx context.Context) {
	tick := time.NewTicker(r.cfg.LookEvery)
	defer tick.Stop()
	for {
		names, err := r.cfg.Log.Tenants(ctx)
		if err == nil {
			r.Track(names...)
			r.mu.Lock()
			r.looked = true
			r.mu.Unlock()
		} else if ctx.Err() == nil {
			r.cfg.Logger.Warn("list the log's tenants", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Track follows tenants from now on, whether or not the log has anything of
// them yet.
func (r *Replica) Track(names ...scheduler.TenantName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range names {
		if r.tenants[name] != nil {
			continue
		}
		t := newTenant(name)
		r.tenants[name] = t
		if r.start != nil {
			r.start(t)
		}
	}
}

func (r *Replica) tenant(name scheduler.TenantName) *tenant {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tenants[name]
}

// find returns a tenant, which it tracks if only the log knows it yet.
func (r *Replica) find(ctx context.Context, name scheduler.TenantName) (*tenant, error) {
	if t := r.tenant(name); t != nil {
		return t, nil
	}
	head, err := r.cfg.Log.Head(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("head of tenant %s: %w", name, err)
	}
	if head.Seq == 0 {
		return nil, fmt.Errorf("%s: %w", name, ErrUnknownTenant)
	}
	r.Track(name)
	return r.tenant(name), nil
}

// Tenants returns the tenants that are followed, in name order.
func (r *Replica) Tenants() []scheduler.TenantName {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := make([]scheduler.TenantName, 0, len(r.tenants))
	for name := range r.tenants {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// View calls fn with a tenant's state after commit seq. fn must only read the
// state, keep nothing of it, and be quick: commits wait for it. Errors:
// ErrUnknownTenant, ErrNotReady, ErrStopped; fn was not called then.
func (r *Replica) View(name scheduler.TenantName, fn func(s *scheduler.State, seq uint64)) error {
	t := r.tenant(name)
	if t == nil {
		return fmt.Errorf("%s: %w", name, ErrUnknownTenant)
	}
	return t.view(fn)
}

// Seq returns the last commit in a tenant's live state; 0 before the first.
func (r *Replica) Seq(name scheduler.TenantName) uint64 {
	if t := r.tenant(name); t != nil {
		return t.status().Folded
	}
	return 0
}

// WaitFor returns when state and read models hold commit seq of a tenant, so
// that who wrote it reads it. Errors: ErrUnknownTenant, ErrStopped, the
// context's.
func (r *Replica) WaitFor(ctx context.Context, name scheduler.TenantName, seq uint64) error {
	t, err := r.find(ctx, name)
	if err != nil {
		return err
	}
	return t.waitFor(ctx, seq, r.hurry)
}

// Subscribe returns a channel that has the newest sequence of a tenant's state
// whenever it changed, at first the current one. Values that nobody took are
// replaced. It is closed when ctx or the replica ends, when the tenant stops,
// and at once for a tenant that is not followed.
func (r *Replica) Subscribe(ctx context.Context, name scheduler.TenantName) <-chan uint64 {
	t := r.tenant(name)
	if t == nil {
		closed := make(chan uint64)
		close(closed)
		return closed
	}
	return t.subscribe(ctx)
}
