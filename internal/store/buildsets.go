package store

import (
	"context"

	"github.com/gozer-ci/gozer/scheduler"
)

// Buildsets returns the buildsets that match f without their builds, newest
// first; none for an unknown tenant. Errors as those of Builds.
func (s *Store) Buildsets(ctx context.Context, t scheduler.TenantName, f BuildsetFilter) ([]Buildset, error) {
	var out []Buildset
	err := s.view(ctx, t, func(v *view) error {
		var err error
		out, err = v.buildsets(ctx, &f)
		return err
	})
	return out, listError("list buildsets", err)
}

func (v *view) buildsets(ctx context.Context, f *BuildsetFilter) ([]Buildset, error) {
	pg, err := newPager(f.Page, v.state.buildsets)
	if err != nil {
		return nil, err
	}
	return run(ctx, v.planBuildsets(f), pg, func(id uint64) (*Buildset, bool, error) {
		b, err := v.buildset(id)
		return b, err == nil && f.match(b), err
	})
}

func (v *view) planBuildsets(f *BuildsetFilter) *plan {
	p := &plan{index: v.table(tableBuildsetIndex), values: v.table(tableBuildsetTerms)}
	// The index does not tell whether two fields match the same ref.
	p.check = f.refFields() > 1
	equal(p, fieldUUID, f.UUIDs, true)
	p.ints(fieldChange, f.Changes, true)
	equal(p, fieldNewRev, f.NewRevs, true)
	equal(p, fieldRef, f.Refs, false)
	p.patterns(fieldProject, f.Projects)
	p.patterns(fieldBranch, f.Branches)
	p.patterns(fieldPipeline, f.Pipelines)
	equal(p, fieldResult, f.Results, false)
	p.without(f.ExcludeResults)
	p.ints(fieldPatchset, f.Patchsets, false)
	if f.Complete != nil {
		p.bools(fieldComplete, *f.Complete)
	}
	return p
}

// Buildset returns one buildset with its builds, or ErrNotFound.
func (s *Store) Buildset(ctx context.Context, t scheduler.TenantName, id scheduler.BuildsetID) (Buildset, error) {
	var out Buildset
	err := s.view(ctx, t, func(v *view) error {
		n, ok := v.lookup(tableBuildsetIndex, newTerm(fieldUUID, string(id)))
		if !ok {
			return ErrNotFound
		}
		b, err := v.buildset(n)
		if err != nil {
			return err
		}
		b.Builds, err = v.buildsOf(ctx, b.UUID)
		out = *b
		return err
	})
	return out, rowError("buildset", string(id), err)
}

// NewestComplete returns the newest buildset with a result that matches f,
// without its builds, or ErrNotFound. The page of f does not count.
func (s *Store) NewestComplete(ctx context.Context, t scheduler.TenantName, f BuildsetFilter) (Buildset, error) {
	complete := true
	f.Complete, f.Page = &complete, Page{Limit: 1}
	found, err := s.Buildsets(ctx, t, f)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Buildset{}, rowError("newest buildset of tenant", string(t), err)
	}
	return found[0], nil
}
