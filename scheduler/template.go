package scheduler

import (
	"strconv"
	"strings"
)

// fields are what messages may name in braces, as Python's format does it:
// attributes follow a dot, an element of a list stands in brackets, and doubled
// braces are braces (Zuul documentation, "Pipeline: start-message").
type fields struct {
	pipeline           PipelineName
	refs               []Ref
	itemURL, statusURL string
}

// fill replaces the fields of a text. What is no field stays as it is, since a
// typing error must not keep a result from being told.
func (f fields) fill(text string) string {
	var b strings.Builder
	for {
		i := strings.IndexAny(text, "{}")
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		brace, rest := text[i], text[i+1:]
		if rest != "" && rest[0] == brace {
			b.WriteByte(brace)
			text = rest[1:]
			continue
		}
		end := strings.IndexByte(rest, '}')
		value, ok := "", false
		if brace == '{' && end >= 0 {
			value, ok = f.value(rest[:end])
		}
		if !ok {
			b.WriteByte(brace)
			text = rest
			continue
		}
		b.WriteString(value)
		text = rest[end+1:]
	}
}

// value of one field.
func (f fields) value(name string) (string, bool) {
	switch name {
	case "pipeline", "pipeline.name":
		return string(f.pipeline), true
	case "item_url":
		return f.itemURL, true
	case "status_url":
		return f.statusURL, true
	case "changes":
		ids := make([]string, len(f.refs))
		for i, r := range f.refs {
			ids[i] = r.ID()
		}
		return strings.Join(ids, ", "), true
	}
	if rest, ok := strings.CutPrefix(name, "changes["); ok {
		index, attribute, ok := strings.Cut(rest, "]")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i < 0 || i >= len(f.refs) {
			return "", false
		}
		return refField(f.refs[i], attribute)
	}
	if rest, ok := strings.CutPrefix(name, "change"); ok && len(f.refs) > 0 {
		return refField(f.refs[0], rest)
	}
	return "", false
}

// refField is an attribute of a change or ref, with its dot; without any its
// identifier.
func refField(r Ref, attribute string) (string, bool) {
	switch attribute {
	case "":
		return r.ID(), true
	case ".project":
		return r.Name, true
	case ".branch":
		return r.Branch, true
	case ".url":
		return r.URL, true
	case ".ref":
		return r.Ref, true
	}
	if r.IsChange() {
		switch attribute {
		case ".number":
			return strconv.Itoa(r.Number), true
		case ".patchset":
			return strconv.Itoa(r.Patchset), true
		}
		return "", false
	}
	switch attribute {
	case ".oldrev":
		return r.OldRev, true
	case ".newrev":
		return r.NewRev, true
	}
	return "", false
}
