package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"

	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/bolt"
	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// VerifyLog folds the whole log of a data directory that no server uses, and
// compares the outcome with the newest snapshots and the read models.
func VerifyLog(ctx context.Context, cfg config.Config, log *slog.Logger, names []scheduler.TenantName) (v replica.Verification, err error) {
	a := &App{cfg: cfg, log: log}
	if _, err := os.Stat(a.path("log", "log.db")); err != nil {
		return v, fmt.Errorf("verify log: %w; is %s the data directory?", err, cfg.Data)
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.openData(ctx); err != nil {
		return v, err
	}
	l, err := bolt.Open(a.path("log", "log.db"), bolt.Options{Logger: log})
	if err != nil {
		return v, err
	}
	a.onClose(l.Close)
	if err := known(ctx, l, names); err != nil {
		return v, err
	}
	snapshots, err := bolt.OpenSnapshots(a.path("log", "snapshots.db"), bolt.Options{Logger: log})
	if err != nil {
		return v, err
	}
	a.onClose(snapshots.Close)
	models, err := store.Open(a.path("models.db"), store.Options{Logger: log, ReadOnly: true})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return v, err
	}
	if models != nil {
		a.onClose(models.Close)
	}
	codec := wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return l.Blob(ctx, h) })
	return a.verify(ctx, replica.VerifyConfig{
		Log: l, Snapshots: snapshots, Decode: codec.DecodeEvents, Models: models, Logger: log, Tenants: names,
	})
}

// verifyDir is the directory, inside the data directory, of the read models
// that a verification makes.
const verifyDir = "verify"

// verify gives a verification its directory for as long as it takes. Whoever
// calls has the data directory and runs no other verification.
func (a *App) verify(ctx context.Context, cfg replica.VerifyConfig) (v replica.Verification, err error) {
	cfg.Dir = a.path(verifyDir)
	if err := os.Mkdir(cfg.Dir, 0o700); err != nil {
		return v, fmt.Errorf("verify log: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(cfg.Dir)) }()
	return replica.Verify(ctx, cfg)
}

// known refuses names that the log has nothing of, such as misspelt ones.
func known(ctx context.Context, l eventlog.Log, names []scheduler.TenantName) error {
	have, err := l.Tenants(ctx)
	if err != nil {
		return fmt.Errorf("verify log: %w", err)
	}
	if i := slices.IndexFunc(names, func(n scheduler.TenantName) bool { return !slices.Contains(have, n) }); i >= 0 {
		return fmt.Errorf("verify log: it has no tenant %q; it has %q", names[i], have)
	}
	return nil
}
