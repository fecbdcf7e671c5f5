package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// appendJSON adds v as JSON that encoding/json reads back into the same type.
// Struct fields that are zero are left out, which encoding/json would only do
// if every field of the core's types were tagged for it.
func appendJSON(b []byte, v any) (_ []byte, err error) {
	rv := reflect.ValueOf(v)
	e := encoder{buf: b}
	e.value(rv)
	return e.buf, e.err
}

type encoder struct {
	buf []byte
	err error
}

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

func (e *encoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		e.string(v.String())
	case reflect.Bool:
		e.buf = strconv.AppendBool(e.buf, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.buf = strconv.AppendUint(e.buf, v.Uint(), 10)
	case reflect.Struct:
		e.structure(v)
	case reflect.Slice:
		e.slice(v)
	case reflect.Map:
		e.mapping(v)
	case reflect.Pointer:
		if v.IsNil() {
			e.buf = append(e.buf, "null"...)
			return
		}
		e.value(v.Elem())
	default:
		e.err = fmt.Errorf("values of type %s have no written form", v.Type())
	}
}

func (e *encoder) structure(v reflect.Value) {
	if v.Type() == timeType {
		t := v.Interface().(time.Time)
		text, err := t.MarshalText()
		if err != nil {
			e.err = err
		}
		e.buf = append(append(append(e.buf, '"'), text...), '"')
		return
	}
	e.buf = append(e.buf, '{')
	first := true
	for _, f := range fieldsOf(v.Type()) {
		fv := v.FieldByIndex(f.index)
		if fv.IsZero() {
			continue
		}
		if !first {
			e.buf = append(e.buf, ',')
		}
		first = false
		e.buf = append(e.buf, f.key...)
		e.value(fv)
	}
	e.buf = append(e.buf, '}')
}

func (e *encoder) slice(v reflect.Value) {
	if v.IsNil() {
		e.buf = append(e.buf, "null"...)
		return
	}
	if v.Type() == rawType {
		if !json.Valid(v.Bytes()) {
			e.err = fmt.Errorf("raw JSON %.40q is not valid", v.Bytes())
		}
		e.compact(v.Bytes())
		return
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		e.buf = append(e.buf, '"')
		e.buf = base64.StdEncoding.AppendEncode(e.buf, v.Bytes())
		e.buf = append(e.buf, '"')
		return
	}
	e.buf = append(e.buf, '[')
	for i := range v.Len() {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.value(v.Index(i))
	}
	e.buf = append(e.buf, ']')
}

// compact adds valid JSON with its line breaks, which can only stand between
// tokens, as spaces: a body has one line per event.
func (e *encoder) compact(raw []byte) {
	at := len(e.buf)
	e.buf = append(e.buf, raw...)
	for i, c := range e.buf[at:] {
		if c == '\n' || c == '\r' {
			e.buf[at+i] = ' '
		}
	}
}

// mapping writes keys in order, so that equal maps have one form.
func (e *encoder) mapping(v reflect.Value) {
	if v.Type().Key().Kind() != reflect.String {
		e.err = fmt.Errorf("maps with keys of type %s have no written form", v.Type().Key())
		return
	}
	if v.IsNil() {
		e.buf = append(e.buf, "null"...)
		return
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	e.buf = append(e.buf, '{')
	for i, k := range keys {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.string(k.String())
		e.buf = append(e.buf, ':')
		e.value(v.MapIndex(k))
	}
	e.buf = append(e.buf, '}')
}

func (e *encoder) string(s string) {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			text, err := json.Marshal(s)
			if err != nil {
				e.err = err
			}
			e.buf = append(e.buf, text...)
			return
		}
	}
	e.buf = append(append(append(e.buf, '"'), s...), '"')
}

// field is one written field of a struct; those of embedded structs count as
// the outer one's, as encoding/json has it.
type field struct {
	index []int
	key   []byte // with quotes and colon
}

var fieldCache sync.Map // reflect.Type to []field

func fieldsOf(t reflect.Type) []field {
	if cached, ok := fieldCache.Load(t); ok {
		return cached.([]field)
	}
	fields := appendFields(nil, t, nil)
	fieldCache.Store(t, fields)
	return fields
}

// appendFields adds the fields of t, which stands at index in the outer
// struct. reflect.VisibleFields would hide Ref.Ref inside scheduler.Change,
// which embeds Ref; to encoding/json an embedded struct has no name.
func appendFields(fields []field, t reflect.Type, at []int) []field {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(slices.Clone(at), i)
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			fields = appendFields(fields, f.Type, index)
		case f.IsExported():
			fields = append(fields, field{index: index, key: []byte(`"` + f.Name + `":`)})
		}
	}
	return fields
}
