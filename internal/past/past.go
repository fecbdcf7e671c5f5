package past

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// Log is what is read of the log of record; see eventlog.Log.
type Log interface {
	Read(ctx context.Context, t scheduler.TenantName, from uint64, fn func(eventlog.Record, eventlog.Hash) error) error
	Head(ctx context.Context, t scheduler.TenantName) (eventlog.Head, error)
}

// Snapshots shorten the way to a state; see eventlog.Snapshots.
type Snapshots interface {
	Latest(ctx context.Context, t scheduler.TenantName, atMost uint64) (*eventlog.Snapshot, []eventlog.SnapshotDamage, error)
}

// Config is what a reader works with.
type Config struct {
	Log Log
	// Snapshots may be nil.
	Snapshots Snapshots
	// Decode reads the body of a record. It should be that of a codec of its
	// own: old blobs must not take the place of those in use.
	Decode func(body []byte) ([]scheduler.Event, error)
	Logger *slog.Logger
	Now    func() time.Time
	// Patience bounds one folding; 0 is 30 seconds.
	Patience time.Duration
}

// Commit is one record, decoded.
type Commit struct {
	Seq    uint64
	Time   time.Time
	Events []scheduler.Event
}

// Reader answers for all tenants. Its methods may be called from any goroutine.
type Reader struct {
	cfg   Config
	turn  chan struct{} // held by the one that folds
	cache cache
}

// New returns a reader.
func New(cfg Config) *Reader {
	if cfg.Patience == 0 {
		cfg.Patience = 30 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Reader{cfg: cfg, turn: make(chan struct{}, 1)}
}

// errEnough ends a Read that has seen what it wanted.
var errEnough = errors.New("enough read")

// Records calls fn with the records from one sequence up to and with another.
func (r *Reader) Records(ctx context.Context, t scheduler.TenantName, from, to uint64, fn func(eventlog.Record) error) error {
	if from > to {
		return nil
	}
	err := r.cfg.Log.Read(ctx, t, from, func(rec eventlog.Record, _ eventlog.Hash) error {
		if rec.Seq > to {
			return errEnough
		}
		return fn(rec)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// Decode reads the events of a record.
func (r *Reader) Decode(rec eventlog.Record) (Commit, error) {
	events, err := r.cfg.Decode(rec.Body)
	if err != nil {
		return Commit{}, fmt.Errorf("record %d of tenant %s: %w", rec.Seq, rec.Tenant, err)
	}
	return Commit{Seq: rec.Seq, Time: rec.Time, Events: events}, nil
}

// Commits is Records, decoded.
func (r *Reader) Commits(ctx context.Context, t scheduler.TenantName, from, to uint64, fn func(Commit) error) error {
	return r.Records(ctx, t, from, to, func(rec eventlog.Record) error {
		c, err := r.Decode(rec)
		if err != nil {
			return err
		}
		return fn(c)
	})
}
