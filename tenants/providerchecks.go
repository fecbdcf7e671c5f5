package tenants

import (
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// providers are the objects of a layout that describe where nodes come from.
type providers struct {
	images    map[string]*Image
	flavors   map[string]*Flavor
	labels    map[string]*Label
	sections  map[string]*Section
	providers map[string]*Provider
}

func newProviders() providers {
	return providers{map[string]*Image{}, map[string]*Flavor{}, map[string]*Label{}, map[string]*Section{}, map[string]*Provider{}}
}

// gatherProviders takes the objects of one file.
func (l *linker) gatherProviders(o *objects) {
	for _, i := range o.images {
		define(l, l.nodes.images, "image", i.Name, i, func(i *Image) *Source { return &i.Source })
	}
	for _, f := range o.flavors {
		define(l, l.nodes.flavors, "flavor", f.Name, f, func(f *Flavor) *Source { return &f.Source })
	}
	for _, b := range o.labels {
		define(l, l.nodes.labels, "label", b.Name, b, func(b *Label) *Source { return &b.Source })
	}
	for _, s := range o.sections {
		define(l, l.nodes.sections, "section", s.Name, s, func(s *Section) *Source { return &s.Source })
	}
	for _, p := range o.providers {
		define(l, l.nodes.providers, "provider", p.Name, p, func(p *Provider) *Source { return &p.Source })
	}
}

// checkProviders looks for names that nobody defines.
func (l *linker) checkProviders() {
	n := l.nodes
	for _, name := range slices.Sorted(maps.Keys(n.labels)) {
		b := n.labels[name]
		namedIn(l, b.Source, "label", name, "image", []string{b.Image}, n.images, CodeImageNotFound)
		namedIn(l, b.Source, "label", name, "flavor", []string{b.Flavor}, n.flavors, CodeFlavorNotFound)
	}
	for _, name := range slices.Sorted(maps.Keys(n.sections)) {
		s := n.sections[name]
		l.checkInside(s.Source, "section", name, s.Images, s.Flavors, s.Labels)
		if s.Parent != "" {
			namedIn(l, s.Source, "section", name, "section", []string{s.Parent}, n.sections, CodeSectionNotFound)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.providers)) {
		p := n.providers[name]
		l.checkInside(p.Source, "provider", name, p.Images, p.Flavors, p.Labels)
		if namedIn(l, p.Source, "provider", name, "section", []string{p.Section}, n.sections, CodeSectionNotFound) {
			l.checkConnection(p)
		}
	}
}

func (l *linker) checkInside(src Source, noun, name string, images, flavors, labels []string) {
	namedIn(l, src, noun, name, "image", images, l.nodes.images, CodeImageNotFound)
	namedIn(l, src, noun, name, "flavor", flavors, l.nodes.flavors, CodeFlavorNotFound)
	namedIn(l, src, noun, name, "label", labels, l.nodes.labels, CodeLabelNotFound)
}

// namedIn tells of the names that are not in all.
func namedIn[T any](l *linker, src Source, noun, name, kind string, names []string, all map[string]*T, code Code) bool {
	ok := true
	for _, n := range names {
		if all[n] == nil {
			l.report(src, code, l.suggest(n, func() []string { return slices.Collect(maps.Keys(all)) }), "the %s %q names the %s %q, which is not defined", noun, name, kind, n)
			ok = false
		}
	}
	return ok
}

// checkConnection finds the connection of a provider, its own or that of its
// sections, which all stand in one project.
func (l *linker) checkConnection(p *Provider) {
	connection, seen := p.Connection, map[string]bool{}
	for s := l.nodes.sections[p.Section]; s != nil; s = l.nodes.sections[s.Parent] {
		if seen[s.Name] {
			l.report(p.Source, CodeBadSection, "change the parent of one of them", "the section %q of the provider %q has itself among its parents", s.Name, p.Name)
			return
		}
		seen[s.Name] = true
		if connection == "" {
			connection = s.Connection
		}
		if parent := l.nodes.sections[s.Parent]; parent != nil && parent.Source.Project != s.Source.Project {
			l.report(p.Source, CodeBadSection, "define both in one project", "the section %q of the provider %q has its parent in another project", s.Name, p.Name)
			return
		}
	}
	switch _, known := l.tenant.Connections[scheduler.ConnectionName(connection)]; {
	case connection == "":
		l.report(p.Source, CodeMissingKey, "give one of its sections a connection", "the provider %q has no connection", p.Name)
	case !known && !l.tenant.guess:
		l.report(p.Source, CodeUnknownConnection, "", "the provider %q uses the unknown connection %q", p.Name, connection)
	}
}
