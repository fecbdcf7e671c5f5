package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// Builds returns the builds that match f, newest first; none for an unknown
// tenant. Errors: ErrFilter, ErrDamaged, the context's.
func (s *Store) Builds(ctx context.Context, t scheduler.TenantName, f BuildFilter) ([]Build, error) {
	var out []Build
	err := s.view(ctx, t, func(v *view) error {
		pg, err := newPager(f.Page, v.state.builds)
		if err != nil {
			return err
		}
		out, err = run(ctx, v.planBuilds(&f), pg, func(id uint64) (*Build, bool, error) {
			b, err := v.build(id)
			return b, err == nil && f.match(b), err
		})
		return err
	})
	return out, listError("list builds", err)
}

// planBuilds puts fields of which a value has few rows first.
func (v *view) planBuilds(f *BuildFilter) *plan {
	p := &plan{index: v.table(tableBuildIndex), values: v.table(tableBuildTerms)}
	equal(p, fieldUUID, f.UUIDs, true)
	p.ints(fieldChange, f.Changes, true)
	equal(p, fieldNewRev, f.NewRevs, true)
	equal(p, fieldRef, f.Refs, false)
	p.patterns(fieldProject, f.Projects)
	p.patterns(fieldJob, f.Jobs)
	p.patterns(fieldBranch, f.Branches)
	p.patterns(fieldPipeline, f.Pipelines)
	equal(p, fieldResult, f.Results, false)
	p.without(f.ExcludeResults)
	equal(p, fieldNodeset, f.Nodesets, false)
	p.ints(fieldPatchset, f.Patchsets, false)
	p.bools(fieldVoting, f.Voting...)
	p.bools(fieldHeld, f.Held...)
	if f.Final != nil {
		p.bools(fieldFinal, *f.Final)
	}
	if f.Complete != nil {
		p.bools(fieldComplete, *f.Complete)
	}
	return p
}

// Build returns one build, or ErrNotFound.
func (s *Store) Build(ctx context.Context, t scheduler.TenantName, id scheduler.BuildID) (Build, error) {
	var out Build
	err := s.view(ctx, t, func(v *view) error {
		n, ok := v.lookup(tableBuildIndex, newTerm(fieldUUID, string(id)))
		if !ok {
			return ErrNotFound
		}
		b, err := v.build(n)
		if err == nil {
			out = *b
		}
		return err
	})
	return out, rowError("build", string(id), err)
}

// buildsOf returns the builds of a buildset in order of creation.
func (v *view) buildsOf(ctx context.Context, id scheduler.BuildsetID) ([]Build, error) {
	p := &plan{index: v.table(tableBuildIndex)}
	equal(p, fieldBuildset, []scheduler.BuildsetID{id}, true)
	pg := pager{limit: MaxLimit, first: v.state.builds, least: 1}
	out, err := run(ctx, p, pg, func(n uint64) (*Build, bool, error) {
		b, err := v.build(n)
		return b, err == nil && b.Buildset == id, err
	})
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out, err
}

// listError and rowError wrap what a query met; a tenant without rows has
// empty lists and no row.
func listError(op string, err error) error {
	if err == nil || errors.Is(err, errNoTenant) {
		return nil
	}
	return fmt.Errorf("%s: %w", op, err)
}

func rowError(kind, id string, err error) error {
	if errors.Is(err, errNoTenant) {
		err = ErrNotFound
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", kind, id, err)
}
