package tenants

import (
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// pragma sets how the other objects of its file are read.
type pragma struct {
	impliedMatchers Attr[bool]
	impliedBranches Attr[[]scheduler.Pattern]
}

var pragmaSchema = &schema[pragma]{noun: "pragma", attrs: []attribute[pragma]{
	{name: "implied-branch-matchers", decode: func(d *decoder, v *node, p *pragma) {
		if b, ok := d.boolean(v); ok {
			p.impliedMatchers = some(b)
		}
	}},
	{name: "implied-branches", decode: func(d *decoder, v *node, p *pragma) {
		if patterns, ok := d.patterns(v); ok {
			p.impliedBranches = some(patterns)
		}
	}},
}}

// implied returns the matcher of jobs and templates that have none written
// (Zuul documentation, "Job: branches" and "Pragma").
func (p pragma) implied(b *branchConfig) BranchMatcher {
	wanted := p.impliedMatchers
	if !wanted.Set {
		wanted = b.project.ImpliedBranchMatchers
	}
	switch {
	case !wanted.Or(b.several && !b.project.Trusted):
		return BranchMatcher{}
	case p.impliedBranches.Set:
		return BranchMatcher{Patterns: p.impliedBranches.Value}
	}
	return BranchMatcher{Exact: b.branch}
}

// impliedForStanza is the matcher of a project stanza that names no branches: a
// project's own words are for the branch they stand in, whatever a pragma says
// (Zuul documentation, "Project: branches").
func impliedForStanza(s *ProjectStanza, b *branchConfig, implied BranchMatcher) BranchMatcher {
	own := !strings.HasPrefix(s.Name, "^") && slices.Contains(s.projects, b.project.Canonical)
	switch {
	case !own:
		return implied
	case b.project.Trusted:
		return BranchMatcher{}
	}
	return BranchMatcher{Exact: b.branch}
}
