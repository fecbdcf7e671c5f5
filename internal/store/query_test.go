package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
	"pgregory.net/rapid"
)

func naiveBuildTime(f store.BuildTimesFilter, b store.Build) bool {
	return b.Result != "" && in(f.Projects, b.Ref.Name) && in(f.Pipelines, string(b.Pipeline)) &&
		in(f.Branches, b.Ref.Branch) && in(f.Refs, b.Ref.Ref) && in(f.Jobs, string(b.Job)) &&
		naiveResult(nil, f.ExcludeResults, nil, b.Result) &&
		(f.Final == nil || boolText(f.Final) == boolText(b.Final)) &&
		(f.EndedFrom.IsZero() || !b.EndedAt.Before(f.EndedFrom)) &&
		(f.EndedTo.IsZero() || !b.EndedAt.After(f.EndedTo))
}

func TestBuildTimesAgainstScan(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	apply(t, s, newMaker(4, tenant).make(1200)...)
	rows := allBuilds(t, s)
	slices.SortStableFunc(rows, func(a, b store.Build) int { return b.EndedAt.Compare(a.EndedAt) })
	rapid.Check(t, func(rt *rapid.T) {
		one := rapid.SampledFrom(rows).Draw(rt, "row")
		f := store.BuildTimesFilter{
			Projects:       some(rt, "project", append(projectValues, one.Ref.Name)...),
			Pipelines:      some(rt, "pipeline", pipelineValues...),
			Branches:       some(rt, "branch", append(branchValues, one.Ref.Branch)...),
			Refs:           some(rt, "ref", one.Ref.Ref, "refs/x"),
			Jobs:           some(rt, "job", "job-0", "job-1", "nojob"),
			ExcludeResults: some(rt, "exclude", resultValues[:8]...),
			Final:          maybeBool(rt, "final"),
			EndedFrom:      rapid.SampledFrom([]time.Time{{}, {}, one.EndedAt, epoch.Add(time.Hour)}).Draw(rt, "from"),
			EndedTo:        rapid.SampledFrom([]time.Time{{}, {}, one.EndedAt, epoch.Add(2 * time.Hour)}).Draw(rt, "to"),
			Limit:          rapid.SampledFrom([]int{1, 5, 500}).Draw(rt, "limit"),
			Skip:           rapid.SampledFrom([]int{0, 0, 2, 40}).Draw(rt, "skip"),
		}
		got, err := s.BuildTimes(context.Background(), tenant, f)
		if err != nil {
			rt.Fatalf("build times: %v", err)
		}
		var want []store.Build
		for _, b := range rows {
			if naiveBuildTime(f, b) {
				want = append(want, b)
			}
		}
		want = page(want, store.Page{Limit: f.Limit, Skip: f.Skip}, func(b store.Build) uint64 { return b.ID })
		compareIDs(rt, got, want, func(b store.Build) uint64 { return b.ID })
	})
}

func TestEstimateIsTheMeanOfTheLastTen(t *testing.T) {
	t.Parallel()
	sc := &script{now: epoch}
	g := graph(job("unit", true, ""))
	sc.enqueue("item", "check", "", "set", g, change(1, 1))
	run := func(n int, result scheduler.Result, took time.Duration) {
		id := scheduler.BuildID(rune('a'+n)) + scheduler.BuildID(result)
		sc.begin("item", "set", id, "unit", 1)
		sc.now = sc.now.Add(took - time.Second)
		sc.end("item", "set", id, "unit", result)
	}
	s := fresh(t)
	key := func() (time.Duration, bool) {
		d, ok, err := s.Estimate(context.Background(), tenant, "local/org/app", "main", "unit")
		if err != nil {
			t.Fatal(err)
		}
		return d, ok
	}
	if _, ok := key(); ok {
		t.Error("an estimate without any build")
	}
	run(0, scheduler.ResultFailure, time.Hour)
	run(1, scheduler.ResultRetry, time.Hour)
	apply(t, s, sc.commits...)
	if _, ok := key(); ok {
		t.Error("an estimate from builds that failed")
	}
	for n := range 13 { // the first three fall out: 4 to 13 minutes are left
		run(2+n, scheduler.ResultSuccess, time.Duration(n+1)*time.Minute)
	}
	apply(t, s, sc.commits...)
	if got, ok := key(); !ok || got != 8*time.Minute+30*time.Second {
		t.Errorf("estimate %v, want the mean of 4 to 13 minutes", got)
	}
	if d, ok, err := s.Estimate(context.Background(), tenant, "local/org/app", "other", "unit"); ok || err != nil {
		t.Errorf("estimate on another branch: %v, %v", d, err)
	}
}

func TestCountsEqualTheRows(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	apply(t, s, newMaker(8, tenant).make(400)...)
	got, err := s.Counts(context.Background(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	builds := map[scheduler.Result]uint64{}
	for _, b := range allBuilds(t, s) {
		builds[b.Result]++
	}
	for r, n := range builds {
		if got.Builds[r] != n {
			t.Errorf("builds with result %q: %d, want %d", r, got.Builds[r], n)
		}
	}
	sets := map[scheduler.PipelineName]map[scheduler.Result]uint64{}
	for _, b := range allBuildsets(t, s) {
		if sets[b.Pipeline] == nil {
			sets[b.Pipeline] = map[scheduler.Result]uint64{}
		}
		sets[b.Pipeline][b.Result]++
	}
	for p, results := range sets {
		for r, n := range results {
			if got.Buildsets[p][r] != n {
				t.Errorf("buildsets of %s with result %q: %d, want %d", p, r, got.Buildsets[p][r], n)
			}
		}
	}
}

func TestNewestComplete(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	apply(t, s, gate()...)
	for name, c := range map[string]struct {
		filter store.BuildsetFilter
		want   scheduler.BuildsetID
	}{
		"any":              {store.BuildsetFilter{}, "set-f"},
		"pipeline":         {store.BuildsetFilter{Pipelines: []string{"gate"}}, "set-c"},
		"running":          {store.BuildsetFilter{Pipelines: []string{"release"}}, ""},
		"project, branch":  {store.BuildsetFilter{Projects: []string{"org/app"}, Branches: []string{"main"}, Pipelines: []string{"gate"}}, "set-c"},
		"branch of others": {store.BuildsetFilter{Branches: []string{"stable"}}, ""},
	} {
		got, err := s.NewestComplete(context.Background(), tenant, c.filter)
		if got.UUID != c.want || (c.want == "") != errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %q, %v; want %q", name, got.UUID, err, c.want)
		}
	}
}

func TestUnknownTenantIsEmpty(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	apply(t, s, gate()...)
	ctx := context.Background()
	if rows, err := s.Builds(ctx, "other", store.BuildFilter{}); len(rows) > 0 || err != nil {
		t.Errorf("builds: %d, %v", len(rows), err)
	}
	if rows, err := s.Buildsets(ctx, "other", store.BuildsetFilter{}); len(rows) > 0 || err != nil {
		t.Errorf("buildsets: %d, %v", len(rows), err)
	}
	if _, err := s.Build(ctx, "other", "a-unit"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("build: %v", err)
	}
	if _, err := s.Buildset(ctx, "other", "set-a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("buildset: %v", err)
	}
	if h, err := s.Change(ctx, "other", scheduler.ChangeKey{Project: "local/org/app", Number: 1}, 0); len(h.Items) > 0 || err != nil {
		t.Errorf("change: %d items, %v", len(h.Items), err)
	}
	if b, err := s.Build(ctx, tenant, "a-unit"); err != nil || b.UUID != "a-unit" {
		t.Errorf("build of the tenant itself: %q, %v", b.UUID, err)
	}
}

func TestPageLimits(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	apply(t, s, newMaker(8, tenant).make(300)...)
	ctx := context.Background()
	if rows, err := s.Builds(ctx, tenant, store.BuildFilter{}); len(rows) != store.DefaultLimit || err != nil {
		t.Errorf("no limit: %d rows, %v", len(rows), err)
	}
	for _, p := range []store.Page{{Limit: -1}, {Skip: -1}, {Skip: store.MaxSkip + 1}} {
		if _, err := s.Builds(ctx, tenant, store.BuildFilter{Page: p}); !errors.Is(err, store.ErrFilter) {
			t.Errorf("page %+v: %v, want %v", p, err, store.ErrFilter)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Builds(ended, tenant, store.BuildFilter{}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}
