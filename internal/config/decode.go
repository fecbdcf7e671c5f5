package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder reads YAML nodes into the structs of this package and collects
// every mistake.
type decoder struct {
	name  string
	found Diagnostics
	// at remembers where sections are, for mistakes between keys.
	at map[string]*yaml.Node
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func (d *decoder) document(data []byte, c *Config) {
	d.at = map[string]*yaml.Node{}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return
	case err != nil:
		d.syntax(err)
		return
	}
	var more yaml.Node
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		d.add(&more, "syntax", "only one YAML document is allowed", "")
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return
	}
	d.section(root, reflect.ValueOf(c).Elem(), "")
}

func (d *decoder) syntax(err error) {
	line := 1
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits by the expression
	}
	text := yamlLine.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")
	text = strings.TrimPrefix(text, ": ")
	d.found = append(d.found, Diagnostic{File: d.name, Line: line, Column: 1, Code: "syntax", Text: text})
}

func (d *decoder) add(n *yaml.Node, code, text, hint string) {
	d.found = append(d.found, Diagnostic{
		File: d.name, Line: max(1, n.Line), Column: max(1, n.Column), Code: code, Text: text, Hint: hint,
	})
}

// section reads a mapping into the struct v.
func (d *decoder) section(n *yaml.Node, v reflect.Value, path string) {
	d.at[strings.TrimSuffix(path, ".")] = n
	if n.Kind != yaml.MappingNode {
		d.add(n, "type", fmt.Sprintf("%s must be a section with keys, not %s", nameOf(path), kindOf(n)), "")
		return
	}
	seen := map[string]*yaml.Node{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if first, ok := seen[key.Value]; ok {
			d.add(key, "duplicate-key", fmt.Sprintf("key %q was given before, in line %d", path+key.Value, first.Line), "")
			continue
		}
		seen[key.Value] = key
		field, ok := fieldOf(v.Type(), key)
		if !ok {
			d.unknown(key, v.Type(), path)
			continue
		}
		d.at[path+key.Value] = key
		d.value(value, field, v.FieldByIndex(field.Index), path+key.Value)
	}
}

func fieldOf(t reflect.Type, key *yaml.Node) (reflect.StructField, bool) {
	if key.Kind != yaml.ScalarNode {
		return reflect.StructField{}, false
	}
	for f := range fields(t) {
		if f.Tag.Get("key") == key.Value {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func (d *decoder) unknown(key *yaml.Node, t reflect.Type, path string) {
	var known []string
	for f := range fields(t) {
		known = append(known, f.Tag.Get("key"))
	}
	hint := "known keys here: " + strings.Join(known, ", ")
	if near, ok := nearest(key.Value, known); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.add(key, "unknown-key", fmt.Sprintf("unknown key %q", path+key.Value), hint)
}

// value reads one value into the field v.
func (d *decoder) value(n *yaml.Node, f reflect.StructField, v reflect.Value, path string) {
	if n.Kind == yaml.AliasNode {
		d.add(n, "type", fmt.Sprintf("%s must be written out: aliases are not allowed here", path), "")
		return
	}
	switch {
	case f.Type.Kind() == reflect.Struct:
		d.section(n, v, path+".")
	case f.Type.Kind() == reflect.Slice:
		d.list(n, f, v, path)
	default:
		d.scalar(n, f, v, path)
	}
}

func (d *decoder) list(n *yaml.Node, f reflect.StructField, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.add(n, "type", fmt.Sprintf("%s must be a %s, not %s", path, typeName(f.Type), kindOf(n)), "")
		return
	}
	v.Set(reflect.MakeSlice(f.Type, len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		if isStructList(f.Type) {
			fill(v.Index(i))
			d.section(item, v.Index(i), fmt.Sprintf("%s[%d].", path, i))
		} else {
			d.scalar(item, f, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	}
}

func (d *decoder) scalar(n *yaml.Node, f reflect.StructField, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		d.add(n, "type", fmt.Sprintf("%s must be a %s, not %s", path, typeName(v.Type()), kindOf(n)), "")
		return
	}
	allowed := strings.Fields(f.Tag.Get("oneof"))
	if err := setScalar(v, n.Value); err != nil && len(allowed) == 0 {
		d.add(n, "value", fmt.Sprintf("%s: %s", path, err), "")
		return
	}
	if len(allowed) > 0 {
		d.oneOf(n, allowed, path)
		return
	}
	if text := rangeFault(f, v); text != "" {
		d.add(n, "value", path+": "+text, "")
	}
	if check, ok := checks[f.Tag.Get("check")]; ok && n.Value != "" {
		if err := check(n.Value); err != nil {
			d.add(n, "value", fmt.Sprintf("%s: %s", path, err), "")
		}
	}
}

func (d *decoder) oneOf(n *yaml.Node, allowed []string, path string) {
	for _, a := range allowed {
		if a == n.Value {
			return
		}
	}
	hint := "allowed: " + strings.Join(allowed, ", ")
	if near, ok := nearest(n.Value, allowed); ok && len(allowed) > 1 {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.add(n, "value", fmt.Sprintf("%s: %q is not allowed", path, n.Value), hint)
}

func nameOf(path string) string {
	if path == "" {
		return "the file"
	}
	return strings.TrimSuffix(path, ".")
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a section"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%q", n.Value)
}
