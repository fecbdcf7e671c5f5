package tenants

import (
	"cmp"
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// projectForm is an entry of a list of projects, as it is written.
type projectForm struct {
	TenantProject
	include, exclude Attr[[]string]
	shadow           Attr[[]string]
	providers        bool
}

func attr[T, V any](name string, at func(*T) *Attr[V], read func(*decoder, *node) (V, bool)) attribute[T] {
	return attribute[T]{name: name, decode: func(d *decoder, v *node, into *T) {
		if value, ok := read(d, v); ok {
			*at(into) = some(value)
		}
	}}
}

var entrySchema = &schema[projectForm]{noun: "project of a tenant", attrs: []attribute[projectForm]{
	attr("include", func(p *projectForm) *Attr[[]string] { return &p.include }, (*decoder).classes),
	attr("exclude", func(p *projectForm) *Attr[[]string] { return &p.exclude }, (*decoder).classes),
	attr("shadow", func(p *projectForm) *Attr[[]string] { return &p.shadow }, (*decoder).words),
	column("load-branch", func(p *projectForm) *string { return &p.LoadBranch }, (*decoder).word),
	attr("exclude-unprotected-branches", func(p *projectForm) *Attr[bool] { return &p.ExcludeUnprotectedBranches }, (*decoder).boolean),
	attr("exclude-locked-branches", func(p *projectForm) *Attr[bool] { return &p.ExcludeLockedBranches }, (*decoder).boolean),
	column("include-branches", func(p *projectForm) *[]scheduler.Pattern { return &p.IncludeBranches }, listOf((*decoder).fullPattern)),
	column("exclude-branches", func(p *projectForm) *[]scheduler.Pattern { return &p.ExcludeBranches }, listOf((*decoder).fullPattern)),
	column("always-dynamic-branches", func(p *projectForm) *[]scheduler.Pattern { return &p.AlwaysDynamicBranches }, listOf((*decoder).fullPattern)),
	attr("implied-branch-matchers", func(p *projectForm) *Attr[bool] { return &p.ImpliedBranchMatchers }, (*decoder).boolean),
	column("extra-config-paths", func(p *projectForm) *[]string { return &p.ExtraConfigPaths }, listOf((*decoder).configPath)),
	column("configure-projects", func(p *projectForm) *[]scheduler.Pattern { return &p.ConfigureProjects }, listOf((*decoder).fullPattern)),
	column("include-provider-config", func(p *projectForm) *bool { return &p.providers }, (*decoder).boolean),
	attr("allow-base-jobs", func(p *projectForm) *Attr[bool] { return &p.AllowBaseJobs }, (*decoder).boolean),
	idle(checked[projectForm]("allow-reporter-jobs", (*decoder).boolean), newerType),
	idle(accepted[projectForm]("allow-circular-dependencies"), idleGlobal),
}}

func (d *decoder) classes(v *node) ([]string, bool) {
	return listOf(oneOf(slices.Sorted(slices.Values(slices.Concat(defaultClasses, providerClasses)))...))(d, v)
}

func (d *decoder) configPath(v *node) (string, bool) {
	p, ok := d.text(v)
	switch {
	case !ok:
		return "", false
	case !localPath(p) || isStandardConfig(p):
		return "", d.report(v, CodeBadConfigPath, "%q cannot be one of extra-config-paths", p)
	}
	return p, true
}

// sources reads the connections of a tenant with their projects.
func (f *tenantFile) sources(t *Tenant, v *node) {
	if v.kind != mapNode {
		f.decoder.report(v, CodeWrongType, "source must be a mapping of connections, not %s", describe(v))
		return
	}
	var trusted, untrusted []*TenantProject
	for _, p := range v.pairs {
		name := scheduler.ConnectionName(p.key.text)
		c, ok := t.Connections[name]
		if !ok {
			known := []string{}
			for n := range maps.Keys(t.Connections) {
				known = append(known, string(n))
			}
			f.hinted(p.key, CodeUnknownConnection, didYouMean(p.key.text, known), "unknown connection %q", p.key.text)
			continue
		}
		base := TenantProject{Connection: name, Canonical: scheduler.ProjectName(cmp.Or(c.CanonicalHost, p.key.text))}
		for _, list := range listsOf(f, p.value) {
			base.Trusted = list.key.text == "config-projects"
			for _, item := range items(list.value) {
				found := f.entry(item, projectForm{TenantProject: base})
				f.checkTrusted(found)
				if base.Trusted {
					trusted = append(trusted, found...)
				} else {
					untrusted = append(untrusted, found...)
				}
			}
		}
	}
	f.keepProjects(t, slices.Concat(trusted, untrusted))
}

// checkTrusted refuses what only untrusted projects may have.
func (f *tenantFile) checkTrusted(found []*TenantProject) {
	for _, p := range found {
		if p.Trusted && len(p.ConfigureProjects) > 0 {
			f.hinted(&node{line: p.Source.Line, col: p.Source.Col}, CodeBadValue, "take it away: a config-project may configure every project", "the config-project %q has the attribute %q", p.Name, "configure-projects")
		}
	}
}

// listsOf returns the two lists of projects of a connection.
func listsOf(f *tenantFile, v *node) []pair {
	if v.kind == scalarNode && v.tag == "!!null" {
		return nil
	}
	if v.kind != mapNode {
		f.report(v, CodeWrongType, "a connection of a tenant must be a mapping, not %s", describe(v))
	}
	kinds := []string{"config-projects", "untrusted-projects"}
	return slices.DeleteFunc(slices.Clone(v.pairs), func(p pair) bool {
		if slices.Contains(kinds, p.key.text) {
			return false
		}
		f.hinted(p.key, CodeUnknownKey, didYouMean(p.key.text, kinds), "a connection of a tenant has no attribute %q", p.key.text)
		return true
	})
}

// entry reads a name, a mapping of one name to attributes, or a group.
func (f *tenantFile) entry(v *node, base projectForm) []*TenantProject {
	if v.kind != mapNode {
		name, ok := f.word(v)
		if !ok {
			return nil
		}
		return []*TenantProject{f.projectEntry(v, name, base)}
	}
	if members := v.get("projects"); members != nil {
		return f.group(v, members, base)
	}
	if len(v.pairs) != 1 {
		f.hinted(v, CodeWrongType, "indent the attributes below the project's name", "a project is a name, or a mapping of one name to attributes")
		return nil
	}
	key, attrs := v.pairs[0].key, v.pairs[0].value
	if attrs.kind != scalarNode || attrs.tag != "!!null" {
		entrySchema.decode(f.decoder, attrs, &base)
	}
	return []*TenantProject{f.projectEntry(key, key.text, base)}
}

// group reads attributes that several projects share; each may have its own.
func (f *tenantFile) group(v, members *node, base projectForm) []*TenantProject {
	shared := *v
	shared.pairs = slices.DeleteFunc(slices.Clone(v.pairs), func(p pair) bool { return p.key.text == "projects" })
	entrySchema.decode(f.decoder, &shared, &base)
	var out []*TenantProject
	for _, item := range items(members) {
		out = append(out, f.entry(item, base)...)
	}
	return out
}

// projectEntry completes a project of a tenant.
func (f *tenantFile) projectEntry(at *node, name string, form projectForm) *TenantProject {
	p := form.TenantProject
	p.Name, p.Canonical, p.Source = name, p.Canonical+"/"+scheduler.ProjectName(name), f.source(at)
	if p.LoadBranch == "" {
		p.LoadBranch, p.FallbackBranch = defaultLoadBranch, fallbackBranch
	}
	def := defaultClasses
	if !p.Trusted {
		def = slices.DeleteFunc(slices.Clone(def), func(c string) bool { return c == "pipeline" })
	}
	included := form.include.Or(def)
	if form.providers {
		included = union(included, providerClasses)
	}
	p.Classes = slices.DeleteFunc(slices.Clone(included), func(c string) bool { return slices.Contains(form.exclude.Value, c) })
	for _, s := range form.shadow.Value {
		p.Shadow = append(p.Shadow, scheduler.ProjectName(s))
	}
	return &p
}

// keepProjects gives the tenant its projects, each once, and finds the ones
// that they shadow.
func (f *tenantFile) keepProjects(t *Tenant, projects []*TenantProject) {
	seen := map[scheduler.ProjectName]bool{}
	for _, p := range projects {
		at := &node{line: p.Source.Line, col: p.Source.Col}
		if seen[p.Canonical] {
			f.report(at, CodeDuplicateProject, "the project %q is listed twice", p.Name)
			continue
		}
		seen[p.Canonical] = true
		t.Projects = append(t.Projects, p)
	}
	t.indexProjects()
	for _, p := range t.Projects {
		for i, name := range p.Shadow {
			other := t.Project(string(name))
			if other == nil {
				f.report(&node{line: p.Source.Line, col: p.Source.Col}, CodeProjectNotFound, "the project %q shadows %q, which the tenant does not have", p.Name, name)
				continue
			}
			p.Shadow[i] = other.Canonical
		}
	}
}

// indexProjects makes the projects findable by name; canonical names win.
func (t *Tenant) indexProjects() {
	t.byName = make(map[string]*TenantProject, 2*len(t.Projects))
	for _, p := range t.Projects {
		if _, several := t.byName[p.Name]; several {
			t.byName[p.Name] = nil
			continue
		}
		t.byName[p.Name] = p
	}
	for _, p := range t.Projects {
		t.byName[string(p.Canonical)] = p
	}
}

// checkConfigured refuses projects that want to configure config-projects.
func (f *tenantFile) checkConfigured(t *Tenant) {
	for _, p := range t.Projects {
		for _, o := range t.Projects {
			if o.Trusted && (matchesAny(p.ConfigureProjects, o.Name) || matchesAny(p.ConfigureProjects, string(o.Canonical))) {
				f.report(&node{line: p.Source.Line, col: p.Source.Col}, CodeConfiguresTrusted, "configure-projects of %q matches the config-project %q", p.Name, o.Name)
			}
		}
	}
}
