package tenants

import "slices"

// attrClass says who may change an attribute of a job.
type attrClass int

const (
	// contextAttr may be changed by every variant.
	contextAttr attrClass = iota
	// executionAttr may not be changed on a final job, nor on a protected job
	// from another project.
	executionAttr
	// ownAttr belongs to one definition and is never inherited.
	ownAttr
)

// jobAttr is one attribute of a job: how it is read and how a variant's value
// is applied on what was inherited.
type jobAttr struct {
	attribute[Job]
	class attrClass
	isSet func(*Job) bool
	apply func(into, from *Job)
	// show renders the value as JSON.
	show func(*Job) string
}

// field makes a jobAttr whose new value replaces the old one.
func field[T any](name string, class attrClass, at func(*Job) *Attr[T], read func(*decoder, *node) (T, bool)) jobAttr {
	a := jobAttr{class: class}
	a.name = name
	a.decode = func(d *decoder, v *node, j *Job) {
		if v.mode != mergeDefault && !slices.Contains(controllable, name) {
			d.report(v, CodeUnknownTag, "the attribute %q takes neither !override nor !inherit", name)
			return
		}
		if value, ok := read(d, v); ok {
			*at(j) = Attr[T]{Value: value, Set: true, mode: v.mode}
		}
	}
	a.isSet = func(j *Job) bool { return at(j).Set }
	a.show = func(j *Job) string { return shown(at(j).Value) }
	a.apply = func(into, from *Job) {
		*at(into) = some(at(from).Value)
	}
	return a
}

// joined makes a jobAttr with a way to join the old value and the new one.
// The tags !inherit and !override choose; by says what happens without them.
func joined[T any](name string, class attrClass, at func(*Job) *Attr[T], read func(*decoder, *node) (T, bool), by mergeMode, join func(old, add T) T) jobAttr {
	a := field(name, class, at, read)
	a.apply = func(into, from *Job) {
		mode := at(from).mode
		if mode == mergeDefault {
			mode = by
		}
		if mode == mergeInherit && at(into).Set {
			*at(into) = some(join(at(into).Value, at(from).Value))
			return
		}
		*at(into) = some(at(from).Value)
	}
	return a
}

// without marks an attribute that is kept and shown but changes nothing.
func (a jobAttr) without(why string) jobAttr { a.idle = why; return a }

// alias marks a second name of the attribute above it in the table.
func (a jobAttr) alias() jobAttr {
	a.class, a.isSet = ownAttr, func(*Job) bool { return false }
	return a
}

// raised makes a truth value that variants can set and never unset.
func raised(name string, class attrClass, at func(*Job) *Attr[bool]) jobAttr {
	a := field(name, class, at, (*decoder).boolean)
	a.apply = func(into, from *Job) {
		*at(into) = some(at(into).Value || at(from).Value)
	}
	return a
}

// unused makes an attribute of the language that never had an effect in Zuul
// either.
func unused(name string) jobAttr {
	a := jobAttr{class: ownAttr, isSet: func(*Job) bool { return false }}
	a.attribute = accepted[Job](name)
	a.idle = "it is ignored, as in Zuul"
	return a
}
