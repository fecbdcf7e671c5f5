package tenants

import (
	"slices"
	"strconv"
	"time"
)

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
