package config

import (
	"reflect"
	"strings"
)

// Key describes one key of gozer.yaml.
type Key struct {
	// Path has a dot between levels, and [] behind lists of sections, such as
	// connections[].name.
	Path string
	// Type is what may be written: text, number, yes or no, size, ...
	Type    string
	Default string
	Unit    string
	Doc     string
	// Values are the allowed ones; empty allows all of the type.
	Values []string
}

// Keys returns every key, in the order of the structs.
func Keys() []Key {
	var out []Key
	collectKeys(reflect.TypeFor[Config](), "", &out)
	return out
}

func collectKeys(t reflect.Type, prefix string, out *[]Key) {
	for f := range fields(t) {
		k := Key{
			Path: prefix + f.Tag.Get("key"), Type: typeName(f.Type), Default: f.Tag.Get("default"),
			Unit: f.Tag.Get("unit"), Doc: f.Tag.Get("doc"), Values: strings.Fields(f.Tag.Get("oneof")),
		}
		*out = append(*out, k)
		switch {
		case f.Type.Kind() == reflect.Struct:
			collectKeys(f.Type, k.Path+".", out)
		case isStructList(f.Type):
			collectKeys(f.Type.Elem(), k.Path+"[].", out)
		}
	}
}

// fields iterates over the keys of a struct.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("key") != "" && !yield(f) {
				return
			}
		}
	}
}

func isStructList(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct
}

// fillDefaults sets every field of the struct that v points to. A default that
// does not parse is a mistake in this package, found by its tests.
func fillDefaults(v any) { fill(reflect.ValueOf(v).Elem()) }

func fill(v reflect.Value) {
	for f := range fields(v.Type()) {
		field := v.FieldByIndex(f.Index)
		if f.Type.Kind() == reflect.Struct {
			fill(field)
			continue
		}
		text, ok := f.Tag.Lookup("default")
		if !ok {
			continue
		}
		if err := setScalar(field, text); err != nil {
			panic("config: default of key " + f.Tag.Get("key") + ": " + err.Error())
		}
	}
}
