package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/internal/archive"
	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/internal/command"
	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/bolt"
	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/merger"
	"github.com/gozer-ci/gozer/internal/nodes"
	"github.com/gozer-ci/gozer/internal/past"
	"github.com/gozer-ci/gozer/internal/preparer"
	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/internal/semaphores"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/source/local"
	"github.com/gozer-ci/gozer/internal/source/natssource"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// App is a whole server in one process: Open, then Run, then Close.
type App struct {
	cfg   config.Config
	parts Parts
	url   string
	log   *slog.Logger

	lock      *lockFile
	commands  *command.Listener
	listener  net.Listener
	auth      *auth.Authenticators
	bus       *bus.Bus
	eventlog  eventlog.Log
	snapshots eventlog.Snapshots
	codec     *wire.Codec
	git       *git.Pool
	locals    map[scheduler.ConnectionName]*local.Source
	nats      map[scheduler.ConnectionName]*natssource.Source
	sources   source.Set
	merger    preparer.Merger
	archive   *archive.Store
	store     *store.Store
	replica   *replica.Replica
	past      *past.Reader
	explain   *explain.Reader
	metrics   *prometheus.Registry
	measures  *measures
	tenants   tenantSet
	executor  *executor.Service
	arbiter   *semaphores.Arbiter
	nodes     *nodes.Service
	work      *bus.Work

	executorName scheduler.ExecutorName

	// publishers and crew live as long as Run; turns bounds the merges at the
	// same time.
	publishers *pool
	turns      chan struct{}
	crew       crew

	reconfiguring sync.Mutex    // held by the reconfiguration under way
	verifying     sync.Mutex    // held by the verification under way
	explainers    chan struct{} // has room for the answers under way

	closers []func() error // in order of opening
}

// Open takes the data directory and the address and opens every part. What it
// opened is closed again when a part fails.
func Open(ctx context.Context, cfg config.Config, log *slog.Logger) (*App, error) {
	return OpenParts(ctx, cfg, log, Parts{})
}

// OpenParts is Open with some parts brought along.
func OpenParts(ctx context.Context, cfg config.Config, log *slog.Logger, parts Parts) (*App, error) {
	a := &App{
		cfg: cfg, log: log, parts: parts, locals: map[scheduler.ConnectionName]*local.Source{},
		nats: map[scheduler.ConnectionName]*natssource.Source{}, metrics: prometheus.NewRegistry(),
		crew: crew{began: make(chan struct{})},
	}
	for _, open := range []func(context.Context) error{
		a.openData, a.openCommands, a.openListener, a.openAuth, a.openBus, a.openLog, a.openSources,
		a.openReaders, a.openTenants, a.openResources, a.openNATS, a.openExecutor,
	} {
		if err := open(ctx); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

// Close closes what Open opened, in reverse order.
func (a *App) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}

func (a *App) onClose(f func() error) { a.closers = append(a.closers, f) }

func (a *App) path(elem ...string) string {
	return filepath.Join(append([]string{a.cfg.Data}, elem...)...)
}

func (a *App) openData(ctx context.Context) (err error) {
	if a.cfg.Data, err = filepath.Abs(a.cfg.Data); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if a.lock, err = lockData(ctx, a.cfg.Data); err != nil {
		return err
	}
	a.onClose(a.lock.Close)
	if err := os.RemoveAll(a.path(verifyDir)); err != nil { // of a process that was killed
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}

func (a *App) openListener(ctx context.Context) (err error) {
	if a.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", a.cfg.Listen); err != nil {
		return fmt.Errorf("listen: %w; choose another address with --listen", err)
	}
	a.onClose(func() error {
		if err := a.listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	a.url = a.cfg.PublicURL(a.listener.Addr().String())
	return a.lock.announce("http://" + a.listener.Addr().String())
}

func (a *App) openAuth(context.Context) (err error) {
	a.auth, err = Authenticators(a.cfg)
	return err
}

func (a *App) openBus(ctx context.Context) (err error) {
	password, err := a.cfg.NATSPassword()
	if err != nil {
		return err
	}
	n := a.cfg.NATS
	a.bus, err = bus.Open(ctx, bus.Config{
		Dir: a.path("nats"), Listen: n.Listen, URL: n.URL, Credentials: n.Credentials, Username: n.Username,
		Password: string(password), Replicas: n.Replicas, Verify: a.verifyPublisher, Log: a.log,
		Limits: bus.Limits{
			InputBytes: int64(n.InputLimit), EventBytes: int64(n.EventLimit), ConsoleBytes: int64(n.ConsoleLimit),
			ConsoleAge: n.ConsoleAge, MemoryBytes: int64(n.MemoryLimit), MessageBytes: int32(n.MessageLimit),
		},
	})
	if err != nil {
		return fmt.Errorf("open bus: %w", err)
	}
	a.onClose(a.bus.Close)
	return nil
}

func (a *App) openLog(context.Context) error {
	l, err := bolt.Open(a.path("log", "log.db"), bolt.Options{Logger: a.log})
	if err != nil {
		return err
	}
	a.eventlog = l
	a.onClose(l.Close)
	if a.snapshots, err = bolt.OpenSnapshots(a.path("log", "snapshots.db"), bolt.Options{Logger: a.log}); err != nil {
		return err
	}
	a.onClose(a.snapshots.Close)
	a.codec = wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return l.Blob(context.Background(), h) })
	return nil
}

func (a *App) openSources(ctx context.Context) (err error) {
	a.git = git.NewPool(git.PoolConfig{})
	a.onClose(a.git.Close)
	for _, c := range a.cfg.Connections {
		name := scheduler.ConnectionName(c.Name)
		if s := a.parts.source(name); s != nil {
			a.sources = append(a.sources, s)
			continue
		}
		if c.Driver == "nats" {
			a.nats[name] = nil // made once the bus and the tenants are there
			continue
		}
		s, err := local.Open(ctx, local.Config{
			Connection: name, Dir: a.cfg.Data, PublicURL: a.url, Auth: pushers{a.auth}, Git: a.git, Logger: a.log,
			Limits: local.Limits{PackBytes: int64(a.cfg.Limits.PushSize)},
		})
		if err != nil {
			return err
		}
		a.onClose(s.Close)
		a.locals[name] = s
		a.sources = append(a.sources, s)
	}
	if a.merger = a.parts.Merger; a.merger == nil {
		a.merger = merger.New(a.sources, a.git)
	}
	return nil
}

func (a *App) openReaders(context.Context) (err error) {
	if a.archive, err = archive.Open(a.path("logs"), archive.Limits{}); err != nil {
		return err
	}
	a.onClose(a.archive.Close)
	if a.store, err = store.Open(a.path("models.db"), store.Options{
		Logger: a.log, OnDamage: func(t scheduler.TenantName, cause error) { a.replica.Rebuild(t, cause) },
	}); err != nil {
		return err
	}
	a.onClose(a.store.Close)
	a.replica = replica.New(replica.Config{
		Log: a.eventlog, Snapshots: a.snapshots, Models: a.store, Decode: a.codec.DecodeEvents, Logger: a.log,
	})
	a.openPast()
	a.measures = newMeasures(a.metrics)
	return nil
}

// Connections tells the configuration language about the connections.
func Connections(cfg config.Config) tenants.Connections {
	out := tenants.Connections{}
	for _, c := range cfg.Connections {
		out[scheduler.ConnectionName(c.Name)] = tenants.Connection{Driver: c.Driver, CanonicalHost: c.CanonicalHostname}
	}
	return out
}

func entropy() (e [16]byte) {
	_, _ = rand.Read(e[:]) // never fails
	return e
}

// together runs parts until the first one fails or ctx ends, then waits for all.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, part := range parts {
		wg.Go(func() {
			if err := part(ctx); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
