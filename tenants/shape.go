package tenants

import (
	"slices"
	"strings"
)

// The language describes itself: a decoder with a probe reads no file, and its
// readers write down what they would take. JSON Schema is made of that, so that
// it cannot say anything else than the parser does.

// shape is what a value may be.
type shape struct {
	types  []string // of JSON: string, number, integer, boolean, null, object
	enum   []string
	least  *int
	items  *shape // of a list
	object *objectShape
	// values are those of a mapping with any keys.
	values *shape
	never  bool // no value will do
	// either are further shapes that it may have.
	either []*shape
	// note says what becomes of the value.
	note string
}

// objectShape is a mapping with known keys.
type objectShape struct {
	noun       string
	names      []string
	attributes map[string]*shape
	required   []string
	other      *shape // of all other keys; nil allows none
	anyOther   bool
}

// probe collects the shape of one value.
type probe struct {
	*shape
	// open are the objects on the way down, by key: nodesets hold nodesets.
	open map[string]*objectShape
}

func newProbe() *probe { return &probe{shape: &shape{}, open: map[string]*objectShape{}} }

// inside makes the probe of a value in the value.
func (p *probe) inside() *probe { return &probe{shape: &shape{}, open: p.open} }

func (s *shape) add(types ...string) {
	for _, t := range types {
		if !slices.Contains(s.types, t) {
			s.types = append(s.types, t)
		}
	}
}

// probeText is what readers get for a text.
const probeText = "probe"

var (
	probeScalar  = &node{kind: scalarNode, tag: "!!str", text: probeText, line: 1, col: 1}
	probeMapping = &node{kind: mapNode, tag: "!!map", line: 1, col: 1}
)

// probed runs a reader and returns what it takes.
func (d *decoder) probed(read func(d *decoder, v *node)) *shape {
	inner := &decoder{place: d.place, tenant: d.tenant, probe: d.probe.inside()}
	read(inner, probeScalar)
	read(inner, probeMapping)
	return inner.probe.shape
}

// probeList writes down a list, or one of its items alone, or nothing.
func (d *decoder) probeList(one func(d *decoder, v *node)) {
	item := d.probed(one)
	d.probe.items = item
	d.probe.add("null")
	d.probe.add(item.types...)
	d.probe.enum, d.probe.least, d.probe.object, d.probe.values = item.enum, item.least, item.object, item.values
}

// probeSchema writes down a mapping with known keys.
func probeSchema[T any](s *schema[T], d *decoder, into *T) {
	key := s.noun + " " + strings.Join(s.names(), " ")
	for _, a := range s.attrs {
		if a.required {
			key += " !" + a.name
		}
	}
	if o := d.probe.open[key]; o != nil {
		d.probe.object = o
		return
	}
	o := &objectShape{noun: s.noun, attributes: map[string]*shape{}}
	d.probe.open[key], d.probe.object = o, o
	for _, a := range s.attrs {
		if o.attributes[a.name] == nil {
			o.names = append(o.names, a.name)
		}
		found := d.probed(func(d *decoder, v *node) { a.decode(d, v, into) })
		if a.idle != "" {
			found.note = "No effect: " + a.idle + "."
		}
		o.attributes[a.name] = found
		if a.required {
			o.required = append(o.required, a.name)
		}
	}
	if s.other != nil {
		o.other = d.probed(func(d *decoder, v *node) { s.other(d, probeScalar, v, into) })
		o.anyOther = o.other.empty()
	}
}

// empty says that nothing was written down: everything is taken.
func (s *shape) empty() bool {
	return len(s.types) == 0 && s.enum == nil && s.items == nil && s.object == nil && s.values == nil && s.either == nil
}

// takes writes types down while the language describes itself.
func (d *decoder) takes(types ...string) bool {
	if d.probe == nil {
		return false
	}
	d.probe.add(types...)
	return true
}
