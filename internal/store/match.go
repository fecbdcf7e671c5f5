package store

import (
	"errors"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

var errIndex = errors.New("the row does not have the indexed value")

// matchPatterns reports whether s matches one of the patterns: as a glob if
// there is a "*" in it, otherwise exactly. No pattern matches everything.
func matchPatterns(patterns []string, s string) bool {
	if len(patterns) == 0 {
		return true
	}
	return slices.ContainsFunc(patterns, func(p string) bool { return matchGlob(p, s) })
}

// matchGlob compares s with a pattern in which "*" is any run of characters
// and nothing else is special.
func matchGlob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return pattern == s
	}
	s, ok := strings.CutPrefix(s, first)
	if !ok {
		return false
	}
	if s, ok = strings.CutSuffix(s, last); !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

// anyOf reports whether v is one of values, or there are none.
func anyOf[T comparable](values []T, v T) bool {
	return len(values) == 0 || slices.Contains(values, v)
}

// known reports whether v is known and one of values, or there are none.
func known(values []bool, v *bool) bool {
	return len(values) == 0 || (v != nil && slices.Contains(values, *v))
}

func same(want *bool, got bool) bool { return want == nil || *want == got }

func notExcluded(excluded []scheduler.Result, r scheduler.Result) bool {
	return len(excluded) == 0 || (r != "" && !slices.Contains(excluded, r))
}

// number compares a change's number or patchset; 0 is none.
func number(values []int, n int) bool {
	return len(values) == 0 || (n != 0 && slices.Contains(values, n))
}

func (f *BuildFilter) match(b *Build) bool {
	return matchPatterns(f.Projects, b.Ref.Name) &&
		matchPatterns(f.Pipelines, string(b.Pipeline)) &&
		matchPatterns(f.Branches, b.Ref.Branch) &&
		matchPatterns(f.Jobs, string(b.Job)) &&
		number(f.Changes, b.Ref.Number) &&
		number(f.Patchsets, b.Ref.Patchset) &&
		anyOf(f.Refs, b.Ref.Ref) &&
		(len(f.NewRevs) == 0 || b.Ref.NewRev != "" && slices.Contains(f.NewRevs, b.Ref.NewRev)) &&
		anyOf(f.UUIDs, string(b.UUID)) &&
		anyOf(f.Nodesets, b.Nodeset) &&
		anyOf(f.Voting, b.Voting) &&
		known(f.Held, b.Held) &&
		(len(f.Results) == 0 || b.Complete() && slices.Contains(f.Results, b.Result)) &&
		notExcluded(f.ExcludeResults, b.Result) &&
		(f.Final == nil || b.Final != nil && *f.Final == *b.Final) &&
		same(f.Complete, b.Complete())
}

func (f *BuildsetFilter) match(b *Buildset) bool {
	return matchPatterns(f.Pipelines, string(b.Pipeline)) &&
		anyOf(f.UUIDs, string(b.UUID)) &&
		(len(f.Results) == 0 || b.Complete() && slices.Contains(f.Results, b.Result)) &&
		notExcluded(f.ExcludeResults, b.Result) &&
		same(f.Complete, b.Complete()) &&
		slices.ContainsFunc(b.Refs, f.matchRef)
}

func (f *BuildsetFilter) matchRef(r scheduler.Ref) bool {
	return matchPatterns(f.Projects, r.Name) &&
		matchPatterns(f.Branches, r.Branch) &&
		number(f.Changes, r.Number) &&
		number(f.Patchsets, r.Patchset) &&
		anyOf(f.Refs, r.Ref) &&
		(len(f.NewRevs) == 0 || r.NewRev != "" && slices.Contains(f.NewRevs, r.NewRev))
}

// refFields counts the fields that describe a ref.
func (f *BuildsetFilter) refFields() int {
	n := 0
	for _, used := range []int{len(f.Projects), len(f.Branches), len(f.Changes),
		len(f.Patchsets), len(f.Refs), len(f.NewRevs)} {
		if used > 0 {
			n++
		}
	}
	return n
}

func (f *BuildTimesFilter) match(b *Build) bool {
	return b.Complete() &&
		anyOf(f.Projects, b.Ref.Name) &&
		anyOf(f.Pipelines, string(b.Pipeline)) &&
		anyOf(f.Branches, b.Ref.Branch) &&
		anyOf(f.Refs, b.Ref.Ref) &&
		anyOf(f.Jobs, string(b.Job)) &&
		notExcluded(f.ExcludeResults, b.Result) &&
		(f.Final == nil || b.Final != nil && *f.Final == *b.Final) &&
		(f.EndedFrom.IsZero() || !b.EndedAt.Before(f.EndedFrom)) &&
		(f.EndedTo.IsZero() || !b.EndedAt.After(f.EndedTo))
}
