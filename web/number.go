package web

import (
	"strconv"
	"strings"
	"time"
)

// seconds is a JSON number that always shows a fraction, as Zuul's floats do:
// clients in typed languages tell 300.0 from 300.
type seconds float64

// MarshalJSON implements json.Marshaler.
func (s seconds) MarshalJSON() ([]byte, error) {
	text := strconv.FormatFloat(float64(s), 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return []byte(text), nil
}

// epoch is t as seconds since 1970, nil when unset.
func epoch(t time.Time) *seconds {
	if t.IsZero() {
		return nil
	}
	s := seconds(float64(t.UnixMicro()) / 1e6)
	return &s
}

// stamp is t as Zuul's database shows times: UTC without a zone, nil when unset.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format("2006-01-02T15:04:05")
	return &text
}

// orNull is s, nil when empty.
func orNull[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	text := string(s)
	return &text
}

// orEmpty never gives null for a list.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
