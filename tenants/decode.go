package tenants

import (
	"fmt"
	"slices"
	"strconv"
	"time"

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

// describe names the kind of a value in messages.
func describe(n *node) string {
	switch {
	case n.kind == listNode:
		return "a list"
	case n.kind == mapNode:
		return "a mapping"
	case n.tag == "!!null":
		return "nothing"
	case n.tag == "!!bool":
		return "the truth value " + n.text
	case n.tag == "!!int" || n.tag == "!!float":
		return "the number " + n.text
	case len(n.text) > longestWord:
		return "a text"
	}
	return strconv.Quote(n.text)
}

// text reads a string. Numbers and truth values are refused, since they are
// rarely what was meant.
func (d *decoder) text(v *node) (string, bool) {
	if d.takes("string") {
		return probeText, true
	}
	if v.kind == scalarNode && v.tag == "!!str" {
		return v.text, true
	}
	hint := ""
	if v.kind == scalarNode && v.tag != "!!null" {
		hint = "put it in quotes"
	}
	return "", d.hinted(v, CodeWrongType, hint, "expected a text, got %s", describe(v))
}

// word reads a string that is not empty; integers are taken as they stand.
func (d *decoder) word(v *node) (string, bool) {
	if d.takes("string", "number") {
		return probeText, true
	}
	if v.kind == scalarNode && v.tag == "!!int" || v.kind == scalarNode && v.tag == "!!float" {
		return v.text, true
	}
	s, ok := d.text(v)
	if ok && s == "" {
		return "", d.report(v, CodeBadValue, "a name must not be empty")
	}
	return s, ok
}

func (d *decoder) boolean(v *node) (bool, bool) {
	if d.takes("boolean") {
		return false, true
	}
	if v.kind == scalarNode && v.tag == "!!bool" {
		return v.boolean(), true
	}
	return false, d.hinted(v, CodeWrongType, "write true or false", "expected true or false, got %s", describe(v))
}

func (d *decoder) integer(v *node) (int, bool) {
	if d.takes("integer") {
		return 1, true
	}
	if v.kind == scalarNode && v.tag == "!!int" {
		if i, ok := v.integer(); ok && i >= -1<<31 && i < 1<<31 {
			return int(i), true
		}
		return 0, d.report(v, CodeBadValue, "the number %s is out of range", v.text)
	}
	return 0, d.report(v, CodeWrongType, "expected a whole number, got %s", describe(v))
}

// atLeast returns a reader of integers with a lower bound.
func atLeast(least int) func(*decoder, *node) (int, bool) {
	return func(d *decoder, v *node) (int, bool) {
		if d.probe != nil {
			d.probe.least = &least
		}
		i, ok := d.integer(v)
		if ok && i < least {
			return 0, d.report(v, CodeBadValue, "expected a number of at least %d, got %d", least, i)
		}
		return i, ok
	}
}

func (d *decoder) seconds(v *node) (time.Duration, bool) {
	i, ok := atLeast(0)(d, v)
	return time.Duration(i) * time.Second, ok
}

// oneOf returns a reader of a word out of a closed set.
func oneOf(words ...string) func(*decoder, *node) (string, bool) {
	return func(d *decoder, v *node) (string, bool) {
		if d.probe != nil {
			d.probe.enum = words
			return words[0], true
		}
		s, ok := d.text(v)
		if ok && !slices.Contains(words, s) {
			return "", d.hinted(v, CodeBadValue, didYouMean(s, words), "expected one of %s, got %q", quoteAll(words), s)
		}
		return s, ok
	}
}

func quoteAll(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += ", "
		}
		out += strconv.Quote(w)
	}
	return out
}

// items returns the items of a list; a single value is a list of one, as
// everywhere in the language, and null an empty one.
func items(v *node) []*node {
	switch {
	case v.kind == listNode:
		return v.list
	case v.kind == scalarNode && v.tag == "!!null":
		return nil
	}
	return []*node{v}
}

// listOf returns a reader of lists of what one reads.
func listOf[T any](one func(*decoder, *node) (T, bool)) func(*decoder, *node) ([]T, bool) {
	return func(d *decoder, v *node) ([]T, bool) {
		if d.probe != nil {
			d.probeList(func(d *decoder, v *node) { one(d, v) })
			return nil, true
		}
		good, out := true, make([]T, 0, len(items(v)))
		for _, item := range items(v) {
			t, ok := one(d, item)
			good = good && ok
			out = append(out, t)
		}
		return out, good
	}
}

func (d *decoder) words(v *node) ([]string, bool) {
	return listOf((*decoder).word)(d, v)
}

// wordSet reads a list of words without repeats.
func (d *decoder) wordSet(v *node) ([]string, bool) {
	ws, ok := d.words(v)
	return union(nil, ws), ok
}

// union appends to a those of b that it lacks, in order, into a new slice.
func union[T comparable](a, b []T) []T {
	out := make([]T, 0, len(a)+len(b))
	seen := make(map[T]bool, len(a)+len(b))
	for _, list := range [][]T{a, b} {
		for _, v := range list {
			if !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
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
