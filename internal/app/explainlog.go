package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"time"

	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/bolt"
	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/internal/past"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// ExplainLog answers a question from the log of a data directory that no
// server uses. A question without a tenant is about the only one of the log.
func ExplainLog(ctx context.Context, cfg config.Config, log *slog.Logger, q explain.Question) (doc explain.Document, err error) {
	a := &App{cfg: cfg, log: log}
	if _, err := os.Stat(a.path("log", "log.db")); err != nil {
		return doc, fmt.Errorf("explain: %w; is %s the data directory?", err, cfg.Data)
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.openData(ctx); err != nil {
		return doc, err
	}
	l, err := bolt.Open(a.path("log", "log.db"), bolt.Options{Logger: log})
	if err != nil {
		return doc, err
	}
	a.onClose(l.Close)
	if q.Tenant, err = only(ctx, l, q.Tenant); err != nil {
		return doc, err
	}
	snapshots, err := bolt.OpenSnapshots(a.path("log", "snapshots.db"), bolt.Options{Logger: log})
	if err != nil {
		return doc, err
	}
	a.onClose(snapshots.Close)
	codec := wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return l.Blob(ctx, h) })
	reader := past.New(past.Config{
		Log: l, Snapshots: snapshots, Decode: codec.DecodeEvents, Logger: log, Now: time.Now, Patience: math.MaxInt64,
	})
	return explain.New(explain.Config{Past: reader}).Explain(ctx, q)
}

// only returns the tenant that is meant: the one asked for, if the log has
// it, or the only one.
func only(ctx context.Context, l eventlog.Log, name scheduler.TenantName) (scheduler.TenantName, error) {
	if name != "" {
		return name, known(ctx, l, []scheduler.TenantName{name})
	}
	have, err := l.Tenants(ctx)
	if err != nil {
		return "", fmt.Errorf("explain: %w", err)
	}
	if len(have) != 1 {
		return "", fmt.Errorf("explain: which tenant? The log has %q", have)
	}
	return have[0], nil
}
