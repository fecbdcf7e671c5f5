package store_test

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
	"pgregory.net/rapid"
)

// all returns every row of a tenant, newest first, without any filter.
func allBuilds(t fatals, s *store.Store) []store.Build {
	rows, err := s.Builds(context.Background(), tenant, store.BuildFilter{Page: store.Page{Limit: store.MaxLimit}})
	if err != nil {
		t.Fatalf("all builds: %v", err)
	}
	return rows
}

func allBuildsets(t fatals, s *store.Store) []store.Buildset {
	rows, err := s.Buildsets(context.Background(), tenant, store.BuildsetFilter{Page: store.Page{Limit: store.MaxLimit}})
	if err != nil {
		t.Fatalf("all buildsets: %v", err)
	}
	return rows
}

// globbed compares by path.Match, which knows "*" too once "/" and its other
// special characters are out of the way.
func globbed(pattern, s string) bool {
	plain := strings.NewReplacer("/", "|", "%", "%", "_", "_")
	ok, err := path.Match(plain.Replace(pattern), plain.Replace(s))
	return err == nil && ok
}

func in(want []string, got ...string) bool {
	return len(want) == 0 || slices.ContainsFunc(want, func(w string) bool { return slices.Contains(got, w) })
}

func inGlobs(want []string, got string) bool {
	return len(want) == 0 || slices.ContainsFunc(want, func(w string) bool { return globbed(w, got) })
}

func texts[T any](vs []T) (out []string) {
	for _, v := range vs {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func boolText(b *bool) string {
	if b == nil {
		return "null"
	}
	return strconv.FormatBool(*b)
}

func naiveRef(projects, branches []string, changes, patchsets []int, refs, newRevs []string, r scheduler.Ref) bool {
	change, patchset, newRev := strconv.Itoa(r.Number), strconv.Itoa(r.Patchset), r.NewRev
	if r.Number == 0 {
		change, patchset = "null", "null"
	}
	if newRev == "" {
		newRev = "null"
	}
	return inGlobs(projects, r.Name) && inGlobs(branches, r.Branch) && in(texts(changes), change) &&
		in(texts(patchsets), patchset) && in(refs, r.Ref) && in(newRevs, newRev)
}

func naiveResult(results, excluded []scheduler.Result, complete *bool, got scheduler.Result) bool {
	if complete != nil && *complete != (got != "") {
		return false
	}
	if len(excluded) > 0 && (got == "" || slices.Contains(excluded, got)) {
		return false
	}
	return len(results) == 0 || slices.Contains(results, got)
}

func naiveBuild(f store.BuildFilter, b store.Build) bool {
	return naiveRef(f.Projects, f.Branches, f.Changes, f.Patchsets, f.Refs, f.NewRevs, b.Ref) &&
		naiveResult(f.Results, f.ExcludeResults, f.Complete, b.Result) &&
		inGlobs(f.Pipelines, string(b.Pipeline)) && inGlobs(f.Jobs, string(b.Job)) &&
		in(f.UUIDs, string(b.UUID)) && in(f.Nodesets, b.Nodeset) &&
		in(texts(f.Voting), strconv.FormatBool(b.Voting)) && in(texts(f.Held), boolText(b.Held)) &&
		(f.Final == nil || boolText(f.Final) == boolText(b.Final))
}

func naiveBuildset(f store.BuildsetFilter, b store.Buildset) bool {
	return naiveResult(f.Results, f.ExcludeResults, f.Complete, b.Result) &&
		inGlobs(f.Pipelines, string(b.Pipeline)) && in(f.UUIDs, string(b.UUID)) &&
		slices.ContainsFunc(b.Refs, func(r scheduler.Ref) bool {
			return naiveRef(f.Projects, f.Branches, f.Changes, f.Patchsets, f.Refs, f.NewRevs, r)
		})
}

// page cuts rows as a page does.
func page[T any](rows []T, p store.Page, id func(T) uint64) []T {
	var out []T
	for _, r := range rows {
		n := id(r)
		if (p.MinID != 0 && n < p.MinID) || (p.MaxID != 0 && n > p.MaxID) {
			continue
		}
		out = append(out, r)
	}
	out = out[min(p.Skip, len(out)):]
	return out[:min(p.Limit, len(out))]
}

// some draws values for a field: mostly none.
func some[T any](rt *rapid.T, label string, of ...T) []T {
	if rapid.IntRange(0, 3).Draw(rt, label+"?") > 0 {
		return nil
	}
	return rapid.SliceOfN(rapid.SampledFrom(of), 1, 3).Draw(rt, label)
}

func maybeBool(rt *rapid.T, label string) *bool {
	return rapid.SampledFrom([]*bool{nil, nil, nil, new(bool), yes()}).Draw(rt, label)
}

func yes() *bool { v := true; return &v }

func drawPage(rt *rapid.T) store.Page {
	return store.Page{
		Limit: rapid.SampledFrom([]int{1, 3, 50, 10_000}).Draw(rt, "limit"),
		Skip:  rapid.SampledFrom([]int{0, 0, 0, 1, 7, 90}).Draw(rt, "skip"),
		MinID: rapid.SampledFrom([]uint64{0, 0, 0, 1, 20, 150}).Draw(rt, "idx_min"),
		MaxID: rapid.SampledFrom([]uint64{0, 0, 0, 1, 130, 100_000}).Draw(rt, "idx_max"),
	}
}

var (
	projectValues  = []string{"org/one", "org/two", "org/*", "*", "*one*", "lib/a%b_c", "lib/a%*", "nowhere", "o*g/t*", "**"}
	branchValues   = []string{"main", "stable/1", "stable/*", "", "*", "nothing*"}
	pipelineValues = []string{"check", "gate", "*e*", "post", "none"}
	resultValues   = []scheduler.Result{"SUCCESS", "FAILURE", "SKIPPED", "CANCELED", "DEQUEUED", "RETRY", "MERGE_CONFLICT", "UNHEARD_OF", ""}
	refValues      = []string{"refs/heads/main", "refs/tags/v3", "refs/changes/07/7/1", "refs/changes/12/12/2", "refs/x"}
)

func TestBuildFiltersAgainstScan(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	apply(t, s, newMaker(1, tenant).make(1500)...)
	rows := allBuilds(t, s)
	if len(rows) < 300 {
		t.Fatalf("only %d builds to filter", len(rows))
	}
	rapid.Check(t, func(rt *rapid.T) {
		one := rapid.SampledFrom(rows).Draw(rt, "row")
		f := store.BuildFilter{
			Projects:       some(rt, "project", append(projectValues, one.Ref.Name)...),
			Pipelines:      some(rt, "pipeline", pipelineValues...),
			Branches:       some(rt, "branch", append(branchValues, one.Ref.Branch)...),
			Jobs:           some(rt, "job", "job-0", "job-*", "job-2", "*", "nojob"),
			Changes:        some(rt, "change", 1, 7, 0, one.Ref.Number, 999),
			Patchsets:      some(rt, "patchset", 1, 2, 0, 9),
			Refs:           some(rt, "ref", append(refValues, one.Ref.Ref)...),
			NewRevs:        some(rt, "newrev", "", "none", one.Ref.NewRev),
			UUIDs:          some(rt, "uuid", "none", string(one.UUID)),
			Nodesets:       some(rt, "nodeset", "", "debian", "fedora", "none"),
			Voting:         some(rt, "voting", true, false),
			Held:           some(rt, "held", true, false),
			Results:        some(rt, "result", append(resultValues[:8:8], one.Result)...),
			ExcludeResults: some(rt, "exclude", resultValues[:8]...),
			Final:          maybeBool(rt, "final"),
			Complete:       maybeBool(rt, "complete"),
			Page:           drawPage(rt),
		}
		f.Results = slices.DeleteFunc(f.Results, func(r scheduler.Result) bool { return r == "" })
		f.NewRevs = slices.DeleteFunc(f.NewRevs, func(r string) bool { return r == "" })
		got, err := s.Builds(context.Background(), tenant, f)
		if err != nil {
			rt.Fatalf("builds: %v", err)
		}
		var want []store.Build
		for _, b := range rows {
			if naiveBuild(f, b) {
				want = append(want, b)
			}
		}
		want = page(want, f.Page, func(b store.Build) uint64 { return b.ID })
		compareIDs(rt, got, want, func(b store.Build) uint64 { return b.ID })
	})
}

func TestBuildsetFiltersAgainstScan(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	apply(t, s, newMaker(2, tenant).make(1500)...)
	rows := allBuildsets(t, s)
	rapid.Check(t, func(rt *rapid.T) {
		one := rapid.SampledFrom(rows).Draw(rt, "row")
		ref := one.Refs[len(one.Refs)-1]
		f := store.BuildsetFilter{
			Projects:       some(rt, "project", append(projectValues, ref.Name)...),
			Pipelines:      some(rt, "pipeline", pipelineValues...),
			Branches:       some(rt, "branch", append(branchValues, ref.Branch)...),
			Changes:        some(rt, "change", 1, 7, 0, ref.Number, 999),
			Patchsets:      some(rt, "patchset", 1, 2, 0, 9),
			Refs:           some(rt, "ref", append(refValues, ref.Ref)...),
			UUIDs:          some(rt, "uuid", "none", string(one.UUID)),
			Results:        some(rt, "result", resultValues[:8]...),
			ExcludeResults: some(rt, "exclude", resultValues[:8]...),
			Complete:       maybeBool(rt, "complete"),
			Page:           drawPage(rt),
		}
		if ref.NewRev != "" {
			f.NewRevs = some(rt, "newrev", "none", ref.NewRev)
		}
		got, err := s.Buildsets(context.Background(), tenant, f)
		if err != nil {
			rt.Fatalf("buildsets: %v", err)
		}
		var want []store.Buildset
		for _, b := range rows {
			if naiveBuildset(f, b) {
				want = append(want, b)
			}
		}
		want = page(want, f.Page, func(b store.Buildset) uint64 { return b.ID })
		compareIDs(rt, got, want, func(b store.Buildset) uint64 { return b.ID })
	})
}

func compareIDs[T any](rt *rapid.T, got, want []T, id func(T) uint64) {
	rt.Helper()
	g, w := make([]uint64, 0), make([]uint64, 0)
	for _, r := range got {
		g = append(g, id(r))
	}
	for _, r := range want {
		w = append(w, id(r))
	}
	if diff := cmp.Diff(w, g); diff != "" {
		rt.Fatalf("rows (-want +got):\n%s", diff)
	}
}
