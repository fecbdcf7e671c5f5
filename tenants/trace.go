package tenants

import (
	"fmt"
	"strings"
)

// maxTrace bounds the lines that are told about the choice of an item's jobs:
// they go into the log and into reports.
const maxTrace = 500

// trace tells how the jobs of an item were chosen. A nil trace tells nothing.
type trace struct {
	lines   []string
	omitted int
}

// add appends a line that is indented by so many steps.
func (t *trace) add(indent int, format string, args ...any) {
	switch {
	case t == nil:
	case len(t.lines) == maxTrace:
		t.omitted++
	default:
		t.lines = append(t.lines, strings.Repeat("  ", indent)+fmt.Sprintf(format, args...))
	}
}

// told returns the lines and how many there would have been more.
func (t *trace) told() []string {
	switch {
	case t == nil:
		return nil
	case t.omitted > 0:
		return append(t.lines, fmt.Sprintf("... and %d more lines", t.omitted))
	}
	return t.lines
}

// matched is the word for a matcher's answer.
func matched(yes bool) string {
	if yes {
		return "matched"
	}
	return "did not match"
}
