package config

import (
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"time"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	bytesType    = reflect.TypeFor[Bytes]()
	levelType    = reflect.TypeFor[slog.Level]()
)

// typeName says what may be written for a field of type t.
func typeName(t reflect.Type) string {
	switch {
	case t == durationType:
		return "duration"
	case t == bytesType:
		return "size"
	case t == levelType:
		return "text"
	case t.Kind() == reflect.Int:
		return "number"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Struct:
		return "section"
	case isStructList(t):
		return "list of sections"
	case t.Kind() == reflect.Slice:
		return "list of texts"
	}
	return "text"
}

// setScalar parses text into a field that is neither struct nor list.
func setScalar(field reflect.Value, text string) error {
	switch {
	case field.Type() == durationType:
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return fmt.Errorf("%q is not a duration such as 90s, 5m or 24h", text)
		}
		field.SetInt(int64(d))
	case field.Type() == bytesType:
		b, err := ParseBytes(text)
		if err != nil {
			return err
		}
		field.SetInt(int64(b))
	case field.Type() == levelType:
		var l slog.Level
		if err := l.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("%q is not a level", text)
		}
		field.SetInt(int64(l))
	case field.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		field.SetInt(int64(n))
	case field.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		field.SetBool(b)
	default:
		field.SetString(text)
	}
	return nil
}
