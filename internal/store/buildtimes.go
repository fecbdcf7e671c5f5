package store

import (
	"context"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// What a step costs, in units of one: walking over an entry of the index by
// end time, and reading a row.
const (
	walkCost = 1
	readCost = 25
)

// maxCandidates is how many builds are remembered as candidates. When more
// match, walking all builds by end time finds a page soon.
const maxCandidates = 200_000

// BuildTimes returns completed builds that match f by their end, latest first;
// of equal ends the one created later comes first.
func (s *Store) BuildTimes(ctx context.Context, t scheduler.TenantName, f BuildTimesFilter) ([]Build, error) {
	var out []Build
	err := s.view(ctx, t, func(v *view) error {
		limit, skip, err := limits(f.Limit, f.Skip)
		if err != nil {
			return err
		}
		f.Limit, f.Skip = limit, skip
		out, err = v.buildTimes(ctx, &f)
		return err
	})
	return out, listError("list build times", err)
}

func (v *view) buildTimes(ctx context.Context, f *BuildTimesFilter) ([]Build, error) {
	p := v.planBuildTimes(f)
	if len(p.lists) == 1 { // all completed builds
		return v.walkByEnd(ctx, f, func(uint64) bool { return true })
	}
	found := map[uint64]bool{}
	err := intersect(ctx, p.lists, v.state.builds, func(id uint64) (bool, error) {
		found[id] = true
		return len(found) <= maxCandidates, nil
	})
	switch {
	case err != nil || len(found) == 0:
		return nil, err
	case len(found) > maxCandidates:
		return v.walkByEnd(ctx, f, func(uint64) bool { return true })
	}
	reads := uint64(len(found)) * readCost
	walk := uint64(f.Limit+f.Skip) * (v.state.builds/uint64(len(found))*walkCost + readCost)
	if reads > walk {
		return v.walkByEnd(ctx, f, func(id uint64) bool { return found[id] })
	}
	return v.sortByEnd(ctx, f, found)
}

// sortByEnd reads all builds that were found.
func (v *view) sortByEnd(ctx context.Context, f *BuildTimesFilter, found map[uint64]bool) ([]Build, error) {
	rows := make([]Build, 0, len(found))
	for id := range found {
		if len(rows)%everySeeks == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		b, err := v.build(id)
		if err != nil {
			return nil, err
		}
		if f.match(b) {
			rows = append(rows, *b)
		}
	}
	return pageByEnd(rows, f.Limit, f.Skip), nil
}

func (v *view) planBuildTimes(f *BuildTimesFilter) *plan {
	p := &plan{index: v.table(tableBuildIndex)}
	p.bools(fieldComplete, true)
	equal(p, fieldRef, f.Refs, false)
	equal(p, fieldProject, f.Projects, false)
	equal(p, fieldJob, f.Jobs, false)
	equal(p, fieldBranch, f.Branches, false)
	equal(p, fieldPipeline, f.Pipelines, false)
	if len(p.lists) > 1 { // alone they leave too many
		p.without(f.ExcludeResults)
		if f.Final != nil {
			p.bools(fieldFinal, *f.Final)
		}
	}
	return p
}

func pageByEnd(rows []Build, limit, skip int) []Build {
	slices.SortFunc(rows, func(a, b Build) int {
		if c := b.EndedAt.Compare(a.EndedAt); c != 0 {
			return c
		}
		return int(int64(b.ID) - int64(a.ID))
	})
	rows = rows[min(skip, len(rows)):]
	return rows[:min(limit, len(rows))]
}

// walkByEnd reads completed builds from the latest end on, those that may
// match.
func (v *view) walkByEnd(ctx context.Context, f *BuildTimesFilter, may func(id uint64) bool) ([]Build, error) {
	var out []Build
	skip := f.Skip
	last := time.Unix(0, math.MaxInt64)
	if !f.EndedTo.IsZero() {
		last = f.EndedTo
	}
	c := v.table(tableBuildIndex).Cursor()
	k, _ := c.Seek(append(endedTerm(last).key(maxID), 0)) // behind the last that counts
	if k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	for steps := 1; len(k) == 1+8+idBytes && k[0] == byte(fieldEnded); steps++ {
		if steps%everySeeks == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		id := binary.BigEndian.Uint64(k[9:])
		if !may(id) {
			k, _ = c.Prev()
			continue
		}
		b, err := v.build(id)
		if err != nil {
			return nil, err
		}
		if !f.EndedFrom.IsZero() && b.EndedAt.Before(f.EndedFrom) {
			break
		}
		switch {
		case !f.match(b):
		case skip > 0:
			skip--
		default:
			out = append(out, *b)
		}
		if len(out) == f.Limit {
			break
		}
		k, _ = c.Prev()
	}
	return out, nil
}
