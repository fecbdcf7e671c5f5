package web

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// seconds is a JSON number that always shows a fraction, as Zuul's floats do:
// clients in typed languages tell 300.0 from 300. It is this type since the
// encoder takes it as it is; a method would cost most of a status document.
type seconds = json.Number

func toSeconds(v float64) seconds {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return seconds(text)
}

// epoch is t as seconds since 1970, nil when unset.
func epoch(t time.Time) *seconds {
	if t.IsZero() {
		return nil
	}
	s := toSeconds(float64(t.UnixMicro()) / 1e6)
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
