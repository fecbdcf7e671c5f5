package tenants

import (
	"slices"
)

// Image is a kind of image that nodes are made from.
type Image struct {
	Name        string
	Source      Source
	Type        string // zuul or cloud
	Description string
}

// Flavor is a size of nodes.
type Flavor struct {
	Name        string
	Source      Source
	Description string
}

// Label is what jobs ask nodes by: an image and a flavor.
type Label struct {
	Name                   string
	Source                 Source
	Image, Flavor          string
	Description            string
	MinReady, MaxReadyAge  int
	MaxNodes, MinRetention int
}

// Section is a part of a provider's configuration that providers and other
// sections build on.
type Section struct {
	Name, Parent, Connection, Description string
	Source                                Source
	Abstract                              bool
	Images, Flavors, Labels               []string
	config                                *node
}

// Provider is where nodes come from.
type Provider struct {
	Name, Section, Connection, Description string
	Source                                 Source
	Images, Flavors, Labels                []string
	config                                 *node
}

const idleNodes = "nodes come from the executor's sandbox yet"

var imageSchema = &schema[Image]{noun: "image", attrs: []attribute[Image]{
	must(column("name", func(i *Image) *string { return &i.Name }, (*decoder).word)),
	must(column("type", func(i *Image) *string { return &i.Type }, oneOf("zuul", "cloud"))),
	column("description", func(i *Image) *string { return &i.Description }, (*decoder).text),
}}

var flavorSchema = &schema[Flavor]{noun: "flavor", attrs: []attribute[Flavor]{
	must(column("name", func(f *Flavor) *string { return &f.Name }, (*decoder).word)),
	column("description", func(f *Flavor) *string { return &f.Description }, (*decoder).text),
}}

// labelSchema has the attributes of newer releases of Zuul too.
var labelSchema = &schema[Label]{noun: "label", attrs: []attribute[Label]{
	must(column("name", func(l *Label) *string { return &l.Name }, (*decoder).word)),
	must(column("image", func(l *Label) *string { return &l.Image }, (*decoder).word)),
	must(column("flavor", func(l *Label) *string { return &l.Flavor }, (*decoder).word)),
	column("description", func(l *Label) *string { return &l.Description }, (*decoder).text),
	column("min-ready", func(l *Label) *int { return &l.MinReady }, atLeast(0)),
	column("max-ready-age", func(l *Label) *int { return &l.MaxReadyAge }, atLeast(0)),
	column("max-nodes", func(l *Label) *int { return &l.MaxNodes }, atLeast(0)),
	column("min-retention-time", func(l *Label) *int { return &l.MinRetention }, atLeast(0)),
}}

// anyKey takes the keys that belong to the driver of a connection.
func anyKey[T any](*decoder, *node, *node, *T) {}

var sectionSchema = &schema[Section]{noun: "section", other: anyKey[Section], attrs: []attribute[Section]{
	must(column("name", func(s *Section) *string { return &s.Name }, (*decoder).word)),
	column("parent", func(s *Section) *string { return &s.Parent }, (*decoder).word),
	column("abstract", func(s *Section) *bool { return &s.Abstract }, (*decoder).boolean),
	column("connection", func(s *Section) *string { return &s.Connection }, (*decoder).word),
	column("description", func(s *Section) *string { return &s.Description }, (*decoder).text),
	column("images", func(s *Section) *[]string { return &s.Images }, listOf((*decoder).nameOrBody)),
	column("flavors", func(s *Section) *[]string { return &s.Flavors }, listOf((*decoder).nameOrBody)),
	column("labels", func(s *Section) *[]string { return &s.Labels }, listOf((*decoder).nameOrBody)),
}}

var providerSchema = &schema[Provider]{noun: "provider", other: anyKey[Provider], attrs: []attribute[Provider]{
	must(column("name", func(p *Provider) *string { return &p.Name }, (*decoder).word)),
	must(column("section", func(p *Provider) *string { return &p.Section }, (*decoder).word)),
	column("connection", func(p *Provider) *string { return &p.Connection }, (*decoder).word),
	column("description", func(p *Provider) *string { return &p.Description }, (*decoder).text),
	column("images", func(p *Provider) *[]string { return &p.Images }, listOf((*decoder).nameOrBody)),
	column("flavors", func(p *Provider) *[]string { return &p.Flavors }, listOf((*decoder).nameOrBody)),
	column("labels", func(p *Provider) *[]string { return &p.Labels }, listOf((*decoder).nameOrBody)),
	{name: "flavor", decode: func(d *decoder, v *node, _ *Provider) {
		if d.probe != nil {
			d.probe.never = true
			return
		}
		d.hinted(v, CodeUnknownKey, "move it to the section", "a provider has no attribute %q", "flavor")
	}},
}}

// nameOrBody reads the name of an image, a flavor or a label, or a mapping with
// the name and what the driver of the connection knows.
func (d *decoder) nameOrBody(v *node) (string, bool) {
	d.takes("object")
	if v.kind != mapNode {
		return d.word(v)
	}
	name := v.get("name")
	if name == nil {
		return "", d.report(v, CodeMissingKey, "it needs the attribute %q", "name")
	}
	return d.word(name)
}

// idleKind makes the reader of an object that is checked and changes nothing.
func idleKind[T any](kind string, s *schema[T], list func(*objects) *[]*T, finish func(*decoder, *T, *node)) func(*decoder, *node, *objects) {
	return func(d *decoder, v *node, o *objects) {
		t := new(T)
		if !s.decode(d, v, t) {
			return
		}
		finish(d, t, v)
		d.report(v, CodeIdleObject, "%s is accepted and has no effect: %s", kind, idleNodes)
		*list(o) = append(*list(o), t)
	}
}

// providerKinds are the objects that describe where nodes come from.
func providerKinds() map[string]func(*decoder, *node, *objects) {
	return map[string]func(*decoder, *node, *objects){
		"image":  idleKind("image", imageSchema, func(o *objects) *[]*Image { return &o.images }, func(d *decoder, t *Image, v *node) { t.Source = d.source(v) }),
		"flavor": idleKind("flavor", flavorSchema, func(o *objects) *[]*Flavor { return &o.flavors }, func(d *decoder, t *Flavor, v *node) { t.Source = d.source(v) }),
		"label":  idleKind("label", labelSchema, func(o *objects) *[]*Label { return &o.labels }, func(d *decoder, t *Label, v *node) { t.Source = d.source(v) }),
		"section": idleKind("section", sectionSchema, func(o *objects) *[]*Section { return &o.sections }, func(d *decoder, t *Section, v *node) {
			t.Source, t.config = d.source(v), v
		}),
		"provider": idleKind("provider", providerSchema, func(o *objects) *[]*Provider { return &o.providers }, func(d *decoder, t *Provider, v *node) {
			t.Source, t.config = d.source(v), v
		}),
	}
}

// sameAs compares two sections by all that is written.
func (s *Section) sameAs(o *Section) bool { return sameText(s.config, o.config) }

// sameAs compares two providers by all that is written.
func (p *Provider) sameAs(o *Provider) bool { return sameText(p.config, o.config) }

func sameText(a, b *node) bool { return slices.Equal(appendJSON(nil, a), appendJSON(nil, b)) }
