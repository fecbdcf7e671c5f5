package tenants

import (
	"slices"
)

// With returns the layout that a change asks for: the configuration of l with
// the files of some branches replaced. Untrusted projects take effect;
// changes of config-projects are only checked, and the layout is as if they
// were not there. Of a branch that l does not load, only one that is always
// dynamic takes effect.
//
// The diagnostics are the relevant ones: those that l does not have, and those
// of the branches given. Errors among them mean that the change must not be
// tested; the layout is returned nevertheless. Without anything to replace the
// layout is l itself.
func (l *Layout) With(overrides []ProjectBranch) (*Layout, Diagnostics) {
	var trusted, untrusted []branchConfig
	for _, b := range overrides {
		p := l.tenant.Project(string(b.Project))
		if p == nil || !p.takes(b.Branch) {
			continue
		}
		c := l.tenant.readBranch(p, b)
		if p.Trusted {
			trusted = append(trusted, c)
		} else {
			untrusted = append(untrusted, c)
		}
	}
	result := l
	var problems Diagnostics
	if len(trusted) > 0 {
		problems = l.relevant(l.replace(slices.Concat(trusted, untrusted)), overrides)
		if problems.HasErrors() {
			return result, problems
		}
	}
	if len(untrusted) > 0 {
		result = l.replace(untrusted)
		own := l.relevant(result, overrides)
		if len(trusted) > 0 && own.HasErrors() {
			own = append(own.Warnings(), needsConfigChange(own.Errors()[0]))
		}
		problems = append(problems, own...)
	}
	return result, problems.Sorted()
}

// takes reports whether changes of a branch can change the configuration.
func (p *TenantProject) takes(branch string) bool {
	return p.LoadsBranch(branch) || p.AlwaysDynamic(branch)
}

// needsConfigChange stands for all errors that a config-project's change will
// mend.
func needsConfigChange(first Diagnostic) Diagnostic {
	d := first
	d.Code, d.Name, d.Severity = CodeNeedsConfigChange, CodeNeedsConfigChange.name(), Error
	d.Text = "this change depends on a change to a config project: its configuration is right once that change has merged, and cannot be used before"
	d.Hint = ""
	return d
}

// replace links l again with some of its branches replaced.
func (l *Layout) replace(changed []branchConfig) *Layout {
	branches := slices.Clone(l.branches)
	for _, c := range changed {
		i := slices.IndexFunc(branches, func(b branchConfig) bool { return b.project == c.project && b.branch == c.branch })
		if i >= 0 {
			c.isDefault, c.several = branches[i].isDefault, branches[i].several
			branches[i] = c
			continue
		}
		branches = insertBranch(branches, c, l.tenant)
	}
	return link(l.tenant, branches, l)
}

// insertBranch puts a branch that was not there behind those of its project.
func insertBranch(branches []branchConfig, c branchConfig, t *Tenant) []branchConfig {
	order := func(p *TenantProject) int { return slices.Index(t.Projects, p) }
	at := len(branches)
	for i, b := range branches {
		if order(b.project) > order(c.project) {
			at = i
			break
		}
	}
	for i := range branches {
		if branches[i].project == c.project {
			branches[i].several, c.several = true, true
		}
	}
	return slices.Insert(branches, at, c)
}

// relevant returns the diagnostics of a speculative layout that concern the
// change.
func (l *Layout) relevant(next *Layout, overrides []ProjectBranch) Diagnostics {
	known := make(map[Diagnostic]bool, len(l.problems))
	for _, d := range l.problems {
		known[d.identity()] = true
	}
	var out Diagnostics
	for _, d := range next.problems {
		own := slices.ContainsFunc(overrides, func(b ProjectBranch) bool { return b.Project == d.Project && b.Branch == d.Branch })
		if own || !known[d.identity()] {
			out = append(out, d)
		}
	}
	return out
}
