// Package tenantview shows a tenant's layout in the form of the web API.
package tenantview

import (
	"cmp"
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
	"github.com/gozer-ci/gozer/web"
)

// view is a layout as the API sees it. It is immutable.
type view struct{ layout *tenants.Layout }

// New shows l, which must not be nil.
func New(l *tenants.Layout) web.Layout { return view{l} }

// Projects lists the projects by name.
func (v view) Projects() []web.Project {
	var list []web.Project
	for _, p := range v.layout.Projects() {
		list = append(list, web.Project{Name: p.Name, Connection: p.Connection, Canonical: p.Canonical, Trusted: p.Trusted})
	}
	return list
}

// Pipelines lists the pipelines in configuration order.
func (v view) Pipelines() []web.PipelineInfo {
	var list []web.PipelineInfo
	for _, p := range v.layout.Pipelines() {
		info := web.PipelineInfo{Name: p.Name}
		for _, t := range p.TriggerConnections {
			info.Triggers = append(info.Triggers, web.Trigger{Name: string(t.Name), Driver: t.Driver})
		}
		list = append(list, info)
	}
	return list
}

// Jobs lists the jobs by name, with what sets their variants apart.
func (v view) Jobs() []web.JobInfo {
	var list []web.JobInfo
	for _, name := range v.layout.Jobs() {
		info := web.JobInfo{Name: name}
		for _, j := range v.layout.JobVariants(name) {
			info.Description = cmp.Or(info.Description, j.Description.Value)
			info.Tags = append(info.Tags, j.Tags.Value...)
			info.Variants = append(info.Variants, web.JobVariantInfo{
				Parent: string(v.layout.ParentOf(j)), Branches: j.Branches.Names(),
			})
		}
		slices.Sort(info.Tags)
		info.Tags = slices.Compact(info.Tags)
		list = append(list, info)
	}
	return list
}

// ConfigErrors lists the problems of the configuration by place.
func (v view) ConfigErrors() []web.ConfigError {
	var list []web.ConfigError
	for _, d := range v.layout.Problems() {
		list = append(list, web.ConfigError{
			Project: v.shortName(d.Project), Branch: d.Branch, Path: d.Path,
			Severity: string(d.Severity), Name: d.Name, Short: d.Short(), Text: d.String(),
		})
	}
	return list
}

// Labels lists the labels that nodesets ask for.
func (v view) Labels() []string { return v.layout.Labels() }

// Semaphores lists the semaphores by name.
func (v view) Semaphores() []web.SemaphoreInfo {
	counts, global := v.layout.Semaphores(), v.layout.Tenant().GlobalSemaphores
	var list []web.SemaphoreInfo
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		_, isGlobal := global[name]
		list = append(list, web.SemaphoreInfo{Name: name, Max: counts[name], Global: isGlobal})
	}
	return list
}

// shortName is a project's name in its source.
func (v view) shortName(canonical scheduler.ProjectName) string {
	if p := v.layout.Tenant().Project(string(canonical)); p != nil {
		return p.Name
	}
	return string(canonical)
}

// place is where an object stands, nil for built-in ones.
func (v view) place(s tenants.Source) *web.SourceContext {
	if s.Project == "" {
		return nil
	}
	return &web.SourceContext{Project: v.shortName(s.Project), Branch: set(s.Branch, s.Branch != ""), Path: s.Path}
}

// set is a pointer to value when it is set, else nil.
func set[T any](value T, isSet bool) *T {
	if !isSet {
		return nil
	}
	return &value
}

// attr is a pointer to the value of an attribute, nil when it is unset.
func attr[T any](a tenants.Attr[T]) *T { return set(a.Value, a.Set) }

// each converts a list; the result is never nil.
func each[T, U any](list []T, convert func(T) U) []U {
	out := make([]U, 0, len(list))
	for _, x := range list {
		out = append(out, convert(x))
	}
	return out
}

// texts is a list of strings that is never nil.
func texts(list []string) []string { return each(list, func(s string) string { return s }) }
