package tenants

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// BranchMatcher limits an object to some branches; the zero value matches all.
type BranchMatcher struct {
	// Patterns of which one must match; written ones.
	Patterns []scheduler.Pattern
	// Exact is the branch that the object stands in, when it is limited to
	// that one without being told so.
	Exact string
}

// IsZero reports whether everything matches.
func (m BranchMatcher) IsZero() bool { return len(m.Patterns) == 0 && m.Exact == "" }

// Names lists the patterns or the branch as Zuul's API shows them.
func (m BranchMatcher) Names() []string {
	if m.Exact != "" {
		return []string{m.Exact}
	}
	var names []string
	for _, p := range m.Patterns {
		names = append(names, p.Text)
	}
	return names
}

// Match reports whether an item for ref is concerned. Tags have no branch:
// an implied matcher lets them pass, written patterns see the ref.
func (m BranchMatcher) Match(ref scheduler.Ref) bool {
	switch {
	case m.Exact != "":
		return ref.Branch == "" || ref.Branch == m.Exact
	case len(m.Patterns) == 0:
		return true
	case ref.Branch == "":
		return matchesAny(m.Patterns, ref.Ref)
	}
	return matchesAny(m.Patterns, ref.Branch)
}

// fileMatcher decides by changed files whether a job runs.
type fileMatcher struct{ files, irrelevant []scheduler.Pattern }

// match follows Zuul: the commit message does not count, and without a list
// of files everything matches.
func (m fileMatcher) match(files []string) bool {
	files = slices.DeleteFunc(slices.Clone(files), func(f string) bool { return f == "/COMMIT_MSG" })
	if len(files) == 0 {
		return true
	}
	wanted := len(m.files) == 0 || slices.ContainsFunc(files, func(f string) bool { return matchesAny(m.files, f) })
	return wanted && (len(m.irrelevant) == 0 || slices.ContainsFunc(files, func(f string) bool { return !matchesAny(m.irrelevant, f) }))
}
