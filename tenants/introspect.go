package tenants

import (
	"cmp"
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// Tenant returns the tenant that the layout is of.
func (l *Layout) Tenant() *Tenant { return l.tenant }

// Hash identifies the layout: equal inputs give equal hashes.
func (l *Layout) Hash() scheduler.Hash { return l.hash }

// Core returns what the scheduler must know. Its Hash is the layout's. It must
// not be changed.
func (l *Layout) Core() *scheduler.Layout { return l.core }

// Problems returns every diagnostic of the layout by place.
func (l *Layout) Problems() Diagnostics { return slices.Clone(l.problems) }

// Pipelines returns the pipelines in the order they are written.
func (l *Layout) Pipelines() []*Pipeline { return slices.Clone(l.pipelines) }

// Pipeline returns the pipeline called name, or nil.
func (l *Layout) Pipeline(name scheduler.PipelineName) *Pipeline {
	for _, p := range l.pipelines {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Jobs returns the names of all jobs, sorted; the built-in noop is among them.
func (l *Layout) Jobs() []scheduler.JobName {
	return slices.Sorted(slices.Values(l.jobOrder))
}

// JobVariants returns the definitions of a job in load order; none when the
// job is not defined.
func (l *Layout) JobVariants(name scheduler.JobName) []*Job { return slices.Clone(l.jobs[name]) }

// ParentOf returns the name of the job that j inherits from; empty for a base
// job. A definition without parent has the tenant's base job.
func (l *Layout) ParentOf(j *Job) scheduler.JobName {
	if j.Parent.Set {
		return j.Parent.Value
	}
	return l.tenant.DefaultParent
}

// Projects returns the tenant's projects, sorted by name.
func (l *Layout) Projects() []*TenantProject {
	ps := slices.Clone(l.tenant.Projects)
	slices.SortStableFunc(ps, func(a, b *TenantProject) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Canonical, b.Canonical))
	})
	return ps
}

// ProjectConfigs returns the stanzas of a project in load order, each followed
// by the templates it uses.
func (l *Layout) ProjectConfigs(name scheduler.ProjectName) []*ProjectStanza {
	return l.projectConfigs(name)
}

// NodesetAlternatives returns the nodesets that ref leads to, in the order
// they are tried.
func (l *Layout) NodesetAlternatives(ref NodesetRef) []*Nodeset {
	sets, _, _ := l.flatten(ref)
	return sets
}

// Semaphores returns the names and counts of the semaphores that the tenant
// may use, the global ones among them.
func (l *Layout) Semaphores() map[scheduler.SemaphoreName]int {
	all := maps.Clone(l.core.Semaphores)
	maps.Copy(all, l.core.GlobalSemaphores)
	return all
}

// Labels returns the labels that nodesets ask for, sorted.
func (l *Layout) Labels() []string {
	seen := map[string]bool{}
	for _, n := range l.nodesets {
		seen = addLabels(seen, n)
	}
	for _, variants := range l.jobs {
		for _, j := range variants {
			if j.Nodeset.Value.Inline != nil {
				seen = addLabels(seen, j.Nodeset.Value.Inline)
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func addLabels(seen map[string]bool, n *Nodeset) map[string]bool {
	for _, m := range n.Nodes {
		seen[m.Label] = true
	}
	return seen
}
