package tenants

import (
	"slices"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Connection says what the configuration must know of a connection of the
// system.
type Connection struct {
	Driver string
	// CanonicalHost is the first part of its projects' canonical names; empty
	// means the connection's name.
	CanonicalHost string
}

// Connections are the connections of the system by name.
type Connections map[scheduler.ConnectionName]Connection

// Tenant is one tenant of the tenant file. It is immutable, but for its cache
// of parsed files, and safe for concurrent use.
type Tenant struct {
	Name   scheduler.TenantName
	Source Source
	// Connections of the system, as given to ParseTenants.
	Connections Connections
	// Projects in load order: config-projects as listed, then
	// untrusted-projects as listed.
	Projects []*TenantProject

	MaxJobTimeout   time.Duration // 0 is no limit
	MaxNodesPerJob  int           // 0 is no limit
	MaxChanges      int           // per pipeline; 0 is no limit
	MaxDependencies int           // 0 is no limit
	// DefaultParent is the parent of jobs that name none.
	DefaultParent scheduler.JobName
	// WebRoot is the URL of the tenant's pages with a trailing slash; empty
	// when the tenant has none of its own.
	WebRoot string

	ExcludeUnprotectedBranches bool
	ExcludeLockedBranches      bool
	DefaultAnsibleVersion      string
	// AllowedTriggers and AllowedReporters are nil when every connection is
	// allowed.
	AllowedTriggers, AllowedReporters []string
	AllowedLabels, DisallowedLabels   []scheduler.Pattern
	AdminRules, AccessRules           []string
	AuthenticationRealm               string
	// GlobalSemaphores are those that the tenant may use, with their counts.
	GlobalSemaphores map[scheduler.SemaphoreName]int
	// RelativePriority is a setting of the whole system, that who parses the
	// tenant file sets before the first Load.
	RelativePriority bool

	settings string // digest of all of the above
	guess    bool   // the connections of the system are not known
	cache    *fileCache
	// byName finds projects; a short name of several finds nil.
	byName map[string]*TenantProject
}

// TenantProject is one project of a tenant.
type TenantProject struct {
	Connection scheduler.ConnectionName
	// Name in the source, and Canonical with the host.
	Name      string
	Canonical scheduler.ProjectName
	Trusted   bool
	Source    Source
	// Classes are the kinds of objects that are loaded from it.
	Classes []string
	// LoadBranch is the only branch that a config-project is read from.
	LoadBranch string
	// FallbackBranch is read instead where there is no LoadBranch; empty when
	// the tenant file names a branch. Zuul knows only master there; today's
	// repositories begin with main.
	FallbackBranch string
	// Shadow names projects whose jobs win over this project's.
	Shadow []scheduler.ProjectName
	// ExcludeUnprotectedBranches and ExcludeLockedBranches override the
	// tenant's where they are set.
	ExcludeUnprotectedBranches, ExcludeLockedBranches Attr[bool]
	IncludeBranches, ExcludeBranches                  []scheduler.Pattern
	AlwaysDynamicBranches                             []scheduler.Pattern
	ImpliedBranchMatchers                             Attr[bool]
	// AllowBaseJobs says whether it may define jobs without parent; unset,
	// config-projects may.
	AllowBaseJobs    Attr[bool]
	ExtraConfigPaths []string
	// ConfigureProjects match the untrusted projects that this one may hold
	// project stanzas for.
	ConfigureProjects []scheduler.Pattern
}

// Project returns the project with a canonical or short name. A short name of
// projects in several connections finds none.
func (t *Tenant) Project(name string) *TenantProject {
	p, known := t.byName[name]
	if !known && t.guess {
		return t.guessProject(name)
	}
	return p
}

// SameSettings reports whether two tenants are described by the same block of
// the tenant file, wherever it stands there, with the same connections.
func (t *Tenant) SameSettings(o *Tenant) bool { return t.settings == o.settings }

// LoadsBranch reports whether the project's configuration is read from a
// branch of that name.
func (p *TenantProject) LoadsBranch(branch string) bool {
	switch {
	case p.Trusted:
		return branch == p.LoadBranch || p.FallbackBranch != "" && branch == p.FallbackBranch
	case len(p.AlwaysDynamicBranches) > 0 && matchesAny(p.AlwaysDynamicBranches, branch):
		return false
	}
	return p.includes(branch)
}

// AlwaysDynamic reports whether the configuration of a branch counts only
// while changes of the branch are tested.
func (p *TenantProject) AlwaysDynamic(branch string) bool {
	return !p.Trusted && matchesAny(p.AlwaysDynamicBranches, branch)
}

// Concerns reports whether what happens to a branch can change the tenant's
// configuration (Zuul's scheduler: no classes are loaded from the project, the
// branch is left out, or nothing was loaded from one that is deleted).
func (p *TenantProject) Concerns(branch string, deleted bool) bool {
	switch {
	case len(p.Classes) == 0:
		return false
	case p.Trusted:
		return p.LoadsBranch(branch)
	case deleted && p.AlwaysDynamic(branch):
		return false
	}
	return p.includes(branch)
}

// Loaded returns those of the project's branches that its configuration is
// read from, in the same order.
func (p *TenantProject) Loaded(branches []string) []string {
	if p.Trusted && slices.Contains(branches, p.LoadBranch) {
		return []string{p.LoadBranch}
	}
	return slices.DeleteFunc(slices.Clone(branches), func(b string) bool { return !p.LoadsBranch(b) })
}

// includes reports whether the branch belongs to the tenant at all.
func (p *TenantProject) includes(branch string) bool {
	if len(p.IncludeBranches) > 0 {
		return matchesAny(p.IncludeBranches, branch)
	}
	return !matchesAny(p.ExcludeBranches, branch)
}

// IsConfigFile reports whether a path may hold configuration of the project.
func (p *TenantProject) IsConfigFile(path string) bool {
	return isStandardConfig(path) || slices.ContainsFunc(p.ExtraConfigPaths, func(extra string) bool { return under(path, extra) })
}

// AllowsLabel reports whether the tenant's nodesets may ask for a label.
func (t *Tenant) AllowsLabel(label string) bool {
	return (len(t.AllowedLabels) == 0 || matchesAny(t.AllowedLabels, label)) && !matchesAny(t.DisallowedLabels, label)
}

func matchesAny(patterns []scheduler.Pattern, s string) bool {
	return slices.ContainsFunc(patterns, func(p scheduler.Pattern) bool { return p.Match(s) })
}
