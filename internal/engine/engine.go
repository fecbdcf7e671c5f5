package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// Config is what an engine works with. All fields up to Logger are required,
// but for Snapshots and Alive.
type Config struct {
	Tenant scheduler.TenantName
	Log    eventlog.Log
	Codec  *wire.Codec
	// Snapshots shorten the next start; nil means none.
	Snapshots eventlog.Snapshots
	// SnapshotEvery is the number of commits between snapshots.
	SnapshotEvery uint64
	// Inputs opens the durable stream of inputs.
	Inputs Inputs
	// Perform hands an effect to whoever carries it out. It must not block;
	// the answer comes back through Submit or the inputs.
	Perform func(scheduler.Effect)
	// Loaded is told of the state that was read from the log, before anything
	// is decided on it; it must not keep it. Nil means nobody wants to know.
	Loaded func(*scheduler.State)
	// Alive says whether an executor that runs builds still exists; nil means
	// that none of an earlier life does.
	Alive func(scheduler.ExecutorName) bool
	// Skip is the last input that is passed over undecided; 0 passes over none.
	Skip uint64
	// Now and Entropy are the clock and the source of identifiers.
	Now     func() time.Time
	Entropy func() [16]byte
	Logger  *slog.Logger
	// Observe is told of every commit; nil means nobody wants to know.
	Observe func(Commit)
	// Pause waits before a refused append is tried again; nil is a timer.
	Pause func(ctx context.Context, d time.Duration)
	// Beside runs what may happen beside the deciding; nil is a goroutine.
	Beside func(task func())
}

// Commit describes one commit for metrics.
type Commit struct {
	Tenant   scheduler.TenantName
	Seq      uint64
	Commands int
	Events   []scheduler.Event
	// Input is the last input that is decided; earlier ones are not needed.
	Input uint64
	// Decide and Append are how long deciding and making durable took.
	Decide, Append time.Duration
}

// Inputs is the tenant's durable stream of commands from outside.
type Inputs interface {
	// Open delivers the inputs after a sequence, in order, until ctx ends, and
	// names the stream: after a changed name sequences start anew. Fail says
	// why the channel was closed.
	Open(ctx context.Context, t scheduler.TenantName, mark eventlog.InputMark) (Stream, error)
}

// Stream is an open stream of inputs.
type Stream struct {
	ID   string
	C    <-chan Input
	Fail func() error
}

// Input is one message of commands in their wire form (wire.AppendCommand).
type Input struct {
	Seq  uint64
	Data []byte
}

// Delivery is a command with what happens once it is durable.
type Delivery struct {
	Command scheduler.Command
	// Committed is called when the command's commit is durable; it may be nil
	// and must not block.
	Committed func()

	input uint64
}

// Engine owns the state of one tenant.
type Engine struct {
	cfg Config

	mu      sync.Mutex
	mailbox []Delivery
	wake    chan struct{}
	status  error
	// underWay counts answers that should come within a moment.
	underWay int
	// consumed is the input that the last commit had; waiters wait for more.
	consumed uint64
	head     eventlog.Head
	changed  chan struct{} // closed and replaced when consumed moves

	// Owned by who runs or steps the engine.
	state *scheduler.State
	mark  eventlog.InputMark
	saved uint64 // sequence of the last snapshot
	// moment is how long a batch may wait for answers under way.
	moment time.Duration
	// saving is the snapshot that is being stored.
	saving sync.WaitGroup
}

// New returns an engine; Run starts it. Who wants to decide when it works, as
// a simulation does, calls Load, Resume and then Step instead.
func New(cfg Config) *Engine {
	return &Engine{cfg: cfg, wake: make(chan struct{}, 1), changed: make(chan struct{})}
}

// Submit hands the engine an answer or an internal command. It never blocks.
func (e *Engine) Submit(d Delivery) {
	e.mu.Lock()
	e.mailbox = append(e.mailbox, d)
	if soonAnswer(d.Command) {
		e.underWay = max(0, e.underWay-1)
	}
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Err says why the tenant has stopped; nil while it works.
func (e *Engine) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.status
}

// Fail notes that the tenant can't start; it is for who could not call Run.
func (e *Engine) Fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = err
}

// Head returns the tenant's last commit.
func (e *Engine) Head() eventlog.Head {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.head
}

// Decided is the last input that the log has; earlier ones are not needed.
func (e *Engine) Decided() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.consumed
}

// Consumed waits until the input with the given sequence has been decided and
// returns the commit that holds it, or a later one.
func (e *Engine) Consumed(ctx context.Context, input uint64) (uint64, error) {
	for {
		e.mu.Lock()
		done, seq, changed, err := e.consumed >= input, e.head.Seq, e.changed, e.status
		e.mu.Unlock()
		switch {
		case err != nil:
			return 0, err
		case done:
			return seq, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// Run decides until ctx ends or the tenant can't go on. Its error says why
// and is kept for Err; other tenants are not concerned.
func (e *Engine) Run(ctx context.Context) error {
	err := e.run(ctx)
	e.mu.Lock()
	e.status = err
	if err == nil {
		e.status = fmt.Errorf("engine of tenant %s stopped", e.cfg.Tenant)
	}
	close(e.changed)
	e.changed = make(chan struct{})
	e.mu.Unlock()
	return err
}

func (e *Engine) run(ctx context.Context) error {
	defer e.saving.Wait()
	mark, err := e.Load(ctx)
	if err != nil {
		return err
	}
	in, err := e.cfg.Inputs.Open(ctx, e.cfg.Tenant, mark)
	if err != nil {
		return fmt.Errorf("open inputs of tenant %s: %w", e.cfg.Tenant, err)
	}
	if err := e.Resume(ctx, in.ID); err != nil {
		return err
	}
	for {
		inputs, err := e.next(ctx, in)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			e.snapshot(ctx)
			return nil
		}
		if err := e.step(ctx, inputs); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}
