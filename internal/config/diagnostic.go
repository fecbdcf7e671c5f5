package config

import (
	"cmp"
	"fmt"
	"strings"
)

// Diagnostic is one mistake in gozer.yaml.
type Diagnostic struct {
	File         string
	Line, Column int // 1-based; 0 when the whole file is meant
	// Code is stable and has a section in docs/configuration.md.
	Code string
	Text string
	// Hint says what to do; it may be empty.
	Hint string
}

// String is file:line:col: error: text [code], and the hint on a line of its own.
func (d Diagnostic) String() string {
	s := fmt.Sprintf("%s:%d:%d: error: %s [%s]", d.File, d.Line, d.Column, d.Text, d.Code)
	if d.Hint != "" {
		s += "\n    " + d.Hint
	}
	return s
}

func (d Diagnostic) compare(o Diagnostic) int {
	return cmp.Or(cmp.Compare(d.Line, o.Line), cmp.Compare(d.Column, o.Column))
}

// Diagnostics are all mistakes of a file, sorted by position.
type Diagnostics []Diagnostic

// Error lists all mistakes, a line or two for each.
func (ds Diagnostics) Error() string {
	lines := make([]string, len(ds))
	for i, d := range ds {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}
