package tenants

import (
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// maxProblems bounds the diagnostics of one file.
const maxProblems = 200

// place is a file that objects are decoded from.
type place struct {
	project scheduler.ProjectName
	branch  string
	path    string
	trusted bool
	file    text
}

func (p *place) source(n *node) Source {
	return Source{Project: p.project, Branch: p.branch, Path: p.path, Trusted: p.trusted, Line: n.line, Col: n.col}
}

// decoder turns the nodes of one file into objects and collects what is wrong
// with them.
type decoder struct {
	place
	tenant   *Tenant
	problems Diagnostics
	errors   int
	// patternsSeen are the expressions compiled so far, programs their
	// instructions.
	patternsSeen map[string]scheduler.Pattern
	programs     int
	// probe is set while the language describes itself.
	probe *probe
}

// newDiagnostic makes a diagnostic of a code at a place.
func newDiagnostic(code Code, src Source, line string, hint, format string, args ...any) Diagnostic {
	return Diagnostic{
		Severity: code.severity(), Code: code, Name: code.name(),
		Project: src.Project, Branch: src.Branch, Path: src.Path, Line: src.Line, Col: src.Col,
		Text: fmt.Sprintf(format, args...), Hint: hint, SourceLine: line,
	}
}

// hinted reports a problem of the value n with a hint. It returns false so
// that decoding functions can end with it.
func (d *decoder) hinted(n *node, code Code, hint, format string, args ...any) bool {
	diag := newDiagnostic(code, d.source(n), "", hint, format, args...)
	if diag.Severity == Error {
		d.errors++
	}
	switch {
	case len(d.problems) < maxProblems:
		diag.SourceLine = d.file.line(n.line)
		d.problems = append(d.problems, diag)
	case len(d.problems) == maxProblems:
		d.problems = append(d.problems, newDiagnostic(CodeTooManyProblems, Source{Project: d.project, Branch: d.branch, Path: d.path}, "", "", "the file has more than %d problems; the others are not shown", maxProblems))
	}
	return false
}

// report reports a problem of the value n without a hint.
func (d *decoder) report(n *node, code Code, format string, args ...any) bool {
	return d.hinted(n, code, "", format, args...)
}

// take turns problems of the YAML itself into diagnostics.
func (d *decoder) take(ps []problem) {
	for _, p := range ps {
		d.hinted(&node{line: p.line, col: p.col}, p.code, p.hint, "%s", p.text)
	}
}

// attribute is one key of a kind of object.
type attribute[T any] struct {
	name     string
	required bool
	// idle says why the attribute changes nothing; it makes a warning.
	idle   string
	decode func(d *decoder, v *node, into *T)
}

// schema is the table of an object's attributes.
type schema[T any] struct {
	noun  string
	attrs []attribute[T]
	// other takes the keys that are in no row, when it is set.
	other func(d *decoder, key, v *node, into *T)
}

func (s *schema[T]) names() []string {
	var names []string
	for _, a := range s.attrs {
		names = append(names, a.name)
	}
	return names
}

func (s *schema[T]) find(name string) *attribute[T] {
	for i := range s.attrs {
		if s.attrs[i].name == name {
			return &s.attrs[i]
		}
	}
	return nil
}

// decode reads the mapping n into an object; ok is false when something in it
// is wrong, and then the object must not be used.
func (s *schema[T]) decode(d *decoder, n *node, into *T) (ok bool) {
	if d.probe != nil {
		probeSchema(s, d, into)
		return true
	}
	if n.kind != mapNode {
		return d.report(n, CodeWrongType, "%s must be a mapping of attributes, not %s", s.noun, describe(n))
	}
	before := d.errors
	for _, p := range n.pairs {
		a := s.find(p.key.text)
		switch {
		case a == nil && s.other != nil:
			s.other(d, p.key, p.value, into)
		case a == nil:
			d.hinted(p.key, CodeUnknownKey, didYouMean(p.key.text, s.names()), "%s has no attribute %q", s.noun, p.key.text)
		default:
			if a.idle != "" {
				d.hinted(p.key, CodeIdleAttribute, "", "%s attribute %q has no effect: %s", s.noun, a.name, a.idle)
			}
			a.decode(d, p.value, into)
		}
	}
	for _, a := range s.attrs {
		if a.required && n.get(a.name) == nil {
			d.report(n, CodeMissingKey, "%s needs the attribute %q", s.noun, a.name)
		}
	}
	return d.errors == before
}

// column makes an attribute that stores what read reads.
func column[T, V any](name string, at func(*T) *V, read func(*decoder, *node) (V, bool)) attribute[T] {
	return attribute[T]{name: name, decode: func(d *decoder, v *node, into *T) {
		if value, ok := read(d, v); ok {
			*at(into) = value
		}
	}}
}

// must makes an attribute required.
func must[T any](a attribute[T]) attribute[T] { a.required = true; return a }

// idle marks an attribute that is accepted without effect.
func idle[T any](a attribute[T], why string) attribute[T] { a.idle = why; return a }

// accepted makes an attribute whose value is looked at by nobody.
func accepted[T any](name string) attribute[T] {
	return attribute[T]{name: name, decode: func(*decoder, *node, *T) {}}
}
