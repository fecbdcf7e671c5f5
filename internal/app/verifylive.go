package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// verifier verifies the log while the server goes on writing it.
type verifier struct{ *App }

// Verify implements web.Verifier. Nobody waits for a verification: the log is
// read in pages, the live state is copied once, and the rows of the read
// models are compared in transactions that only read.
func (v verifier) Verify(ctx context.Context, names []scheduler.TenantName) (out web.Verification, err error) {
	if !v.verifying.TryLock() {
		return out, web.ErrVerifying
	}
	defer v.verifying.Unlock()
	if err := v.verifiable(ctx, names); err != nil {
		return out, err
	}
	// A codec of its own: old blobs must not take the place of those in use.
	codec := wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return v.eventlog.Blob(ctx, h) })
	found, err := v.verify(ctx, replica.VerifyConfig{
		Log: v.eventlog, Snapshots: v.snapshots, Decode: codec.DecodeEvents, Models: v.store, View: v.replica.View,
		Logger: v.log, Tenants: names,
	})
	if err != nil {
		return out, err
	}
	for i := range found.Tenants {
		out.Tenants = append(out.Tenants, verificationOf(&found.Tenants[i]))
	}
	return out, nil
}

// verifiable refuses names that the log has nothing of, and waits for nobody:
// tenants that are still being read are refused too.
func (v verifier) verifiable(ctx context.Context, names []scheduler.TenantName) error {
	have, err := v.eventlog.Tenants(ctx)
	if err != nil {
		return fmt.Errorf("verify log: %w", err)
	}
	if len(names) == 0 {
		names = have
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			return &scheduler.Rejection{Code: "not_found", Message: "the log has nothing of the tenant", Subject: string(name)}
		}
		err := v.replica.View(name, func(*scheduler.State, uint64) {})
		if errors.Is(err, replica.ErrNotReady) || errors.Is(err, replica.ErrUnknownTenant) {
			return &scheduler.Rejection{Code: "unavailable", Message: "the tenant is still being read from the log, ask again", Subject: string(name)}
		}
	}
	return nil
}

func verificationOf(t *replica.TenantVerification) web.TenantVerification {
	out := web.TenantVerification{
		Name: t.Tenant, Head: t.Head.Seq, Hash: fmt.Sprintf("%x", t.Head.Hash), Commits: t.Commits, Events: t.Events,
		Live: t.Live, Snapshot: t.Snapshot, Models: t.Models, Rows: t.Rows, Problems: t.Problems,
	}
	for _, d := range t.Differences {
		out.Differences = append(out.Differences, d.String())
	}
	return out
}
