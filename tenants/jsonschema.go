package tenants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ConfigSchema returns a JSON Schema of the configuration files of projects,
// made of what the parser takes. It knows neither the drivers of connections
// nor what is defined elsewhere: what it takes may still be wrong.
func ConfigSchema() []byte {
	return jsonSchema("Configuration of a project in Zuul's language, as Gozer reads it", configKinds())
}

// TenantSchema returns a JSON Schema of tenant files.
func TenantSchema() []byte {
	return jsonSchema("A tenant file in Zuul's language, as Gozer reads it", tenantKinds())
}

// object is a JSON object with its keys in order.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(m.key))
		b.WriteByte(':')
		var value bytes.Buffer
		enc := json.NewEncoder(&value)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(m.value); err != nil {
			return nil, err
		}
		b.Write(value.Bytes())
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// schemaWriter collects the definitions of objects.
type schemaWriter struct {
	names map[*objectShape]string
	taken map[string]bool
	defs  object
}

// jsonSchema describes files that are lists of objects of some kinds.
func jsonSchema(title string, kinds map[string]func(*decoder, *node)) []byte {
	d := &decoder{tenant: &Tenant{}, place: place{trusted: true}, probe: newProbe()}
	w := &schemaWriter{names: map[*objectShape]string{}, taken: map[string]bool{}}
	all := object{}
	for _, kind := range sortedKeys(kinds) {
		all = append(all, member{kind, w.render(d.probed(kinds[kind]))})
	}
	one := object{{"type", "object"}, {"properties", all}, {"additionalProperties", false}, {"minProperties", 1}, {"maxProperties", 1}}
	slices.SortFunc(w.defs, func(a, b member) int { return strings.Compare(a.key, b.key) })
	text, err := json.MarshalIndent(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title},
		{"type", []string{"array", "null"}}, {"items", one}, {"$defs", w.defs},
	}, "", " ")
	if err != nil { // all of it has an encoding
		panic("encode a JSON Schema: " + err.Error())
	}
	return append(text, '\n')
}

// render turns a shape into the schema of a value.
func (w *schemaWriter) render(s *shape) object {
	if s.never {
		return object{{"not", object{}}}
	}
	var either []any
	add := func(o object) { either = append(either, o) }
	if len(s.enum) > 0 {
		add(object{{"enum", s.enum}})
	}
	for _, t := range s.types {
		o := object{{"type", t}}
		if t == "integer" && s.least != nil {
			o = append(o, member{"minimum", *s.least})
		}
		add(o)
	}
	if s.object != nil {
		add(object{{"$ref", "#/$defs/" + w.define(s.object)}})
	}
	if s.values != nil {
		add(object{{"type", "object"}, {"additionalProperties", w.render(s.values)}})
	}
	if s.items != nil {
		add(object{{"type", "array"}, {"items", w.render(s.items)}})
	}
	for _, o := range s.either {
		add(w.render(o))
	}
	var out object
	if s.note != "" {
		out = object{{"description", s.note}}
	}
	switch {
	case len(either) == 0:
	case len(either) == 1 && s.note == "":
		return either[0].(object)
	default:
		out = append(out, member{"anyOf", either})
	}
	if out == nil {
		return object{}
	}
	return out
}

// define gives an object shape a name of its own.
func (w *schemaWriter) define(o *objectShape) string {
	if name, ok := w.names[o]; ok {
		return name
	}
	base := strings.ReplaceAll(o.noun, " ", "-")
	name := base
	for i := 2; w.taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	w.names[o], w.taken[name] = name, true
	properties := object{}
	for _, n := range o.names {
		properties = append(properties, member{n, w.render(o.attributes[n])})
	}
	body := object{{"type", "object"}, {"properties", properties}}
	if len(o.required) > 0 {
		body = append(body, member{"required", o.required})
	}
	switch {
	case o.other == nil:
		body = append(body, member{"additionalProperties", false})
	case !o.anyOther:
		body = append(body, member{"additionalProperties", w.render(o.other)})
	}
	w.defs = append(w.defs, member{name, body})
	return name
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
