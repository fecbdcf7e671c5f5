package explain

import (
	"fmt"
	"strings"
)

// Text writes the document for a terminal.
func (d Document) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s of tenant %s at %s (record %d)\n", d.Kind, d.What, d.Tenant, stamp(d.At), d.Seq)
	for _, s := range d.Current {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	for _, it := range d.Items {
		fmt.Fprintf(&b, "\n%s in %s, item %s\n", it.Title, it.Pipeline, it.ID)
		for _, s := range it.Current {
			fmt.Fprintf(&b, "  %s\n", s)
		}
		for i, a := range it.Ahead {
			if i == 0 {
				b.WriteString("  ahead, nearest first:\n")
			}
			fmt.Fprintf(&b, "    %d. %s: %s\n", a.Position, a.Title, a.State)
		}
		if more := it.AheadTotal - len(it.Ahead); more > 0 {
			fmt.Fprintf(&b, "    and %d more\n", more)
		}
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "\n%s\n", n)
	}
	if len(d.Timeline) > 0 {
		b.WriteString("\nwhat happened\n")
	}
	if d.Omitted > 0 {
		fmt.Fprintf(&b, "  %d older entries are left out\n", d.Omitted)
	}
	for _, e := range d.Timeline {
		fmt.Fprintf(&b, "  %s  %s\n", stamp(e.Time), e.line())
	}
	return b.String()
}

// line is the entry without its time.
func (e Entry) line() string {
	text := e.Text
	if e.Pipeline != "" && !strings.Contains(e.Text, string(e.Pipeline)) {
		text = string(e.Pipeline) + ": " + text
	}
	if e.Cause != "" {
		text += ", because: " + clause(e.Cause)
	}
	return text
}
