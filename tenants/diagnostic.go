package tenants

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// Severity tells whether a diagnostic makes an object unusable.
type Severity string

// The severities.
const (
	// Error means that the object was left out of the layout.
	Error Severity = "error"
	// Warning means that the object is used, not quite as written.
	Warning Severity = "warning"
)

// Diagnostic is one problem of a configuration and its place.
type Diagnostic struct {
	Severity Severity
	Code     Code
	// Name is the short name of the kind of problem in Zuul's API.
	Name string
	// Project and Branch are empty for problems of the tenant file.
	Project scheduler.ProjectName
	Branch  string
	Path    string
	// Line and Col start at 1; Line 0 speaks of the whole file.
	Line, Col int
	Text      string
	// Hint says how to mend it; it may be empty.
	Hint string
	// SourceLine is the text of the line, without its end.
	SourceLine string
}

// Position renders the place as project@branch:path:line:col.
func (d Diagnostic) Position() string {
	var b strings.Builder
	if d.Project != "" {
		fmt.Fprintf(&b, "%s@%s:", d.Project, d.Branch)
	}
	b.WriteString(d.Path)
	if d.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", d.Line, d.Col)
	}
	return b.String()
}

// Short renders the first line: position, severity, text and code.
func (d Diagnostic) Short() string {
	return fmt.Sprintf("%s: %s: %s [%s]", d.Position(), d.Severity, d.Text, d.Code)
}

// String renders the diagnostic with the source line, a caret and the hint.
func (d Diagnostic) String() string {
	var b strings.Builder
	b.WriteString(d.Short())
	hint := d.Hint
	if d.SourceLine != "" {
		line, col := excerpt(d.SourceLine, d.Col)
		fmt.Fprintf(&b, "\n    %s\n    %s^", line, strings.Repeat(" ", col-1))
		if hint != "" {
			b.WriteString(" " + hint)
		}
		return b.String()
	}
	if hint != "" {
		b.WriteString("\n    " + hint)
	}
	return b.String()
}

// excerptWidth bounds how much of a long source line is shown, in characters.
const excerptWidth = 100

// excerpt returns a part of line that can be shown on a terminal, and the
// column of the caret in it.
func excerpt(line string, col int) (string, int) {
	runes := []rune(strings.ToValidUTF8(strings.ReplaceAll(line, "\t", " "), "?"))
	for i, r := range runes {
		if r < ' ' {
			runes[i] = '?'
		}
	}
	col = max(1, min(col, len(runes)+1))
	if len(runes) <= excerptWidth {
		return string(runes), col
	}
	from := max(0, col-excerptWidth/2)
	to := min(len(runes), from+excerptWidth)
	return string(runes[from:to]), col - from
}

// Diagnostics is a list of problems in the order of their places.
type Diagnostics []Diagnostic

// Errors returns those that are errors.
func (ds Diagnostics) Errors() Diagnostics { return ds.only(Error) }

// Warnings returns those that are warnings.
func (ds Diagnostics) Warnings() Diagnostics { return ds.only(Warning) }

// HasErrors reports whether there is an error among them.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// String renders all, one after the other.
func (ds Diagnostics) String() string {
	var b strings.Builder
	for _, d := range ds {
		b.WriteString(d.String())
		b.WriteByte('\n')
	}
	return b.String()
}

func (ds Diagnostics) only(s Severity) Diagnostics {
	var out Diagnostics
	for _, d := range ds {
		if d.Severity == s {
			out = append(out, d)
		}
	}
	return out
}

// Sorted returns the problems by place, each once.
func (ds Diagnostics) Sorted() Diagnostics {
	out := slices.Clone(ds)
	slices.SortStableFunc(out, compareDiagnostics)
	return slices.Compact(out)
}

func compareDiagnostics(a, b Diagnostic) int {
	return cmp.Or(
		cmp.Compare(a.Project, b.Project),
		cmp.Compare(a.Branch, b.Branch),
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Col, b.Col),
		cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Text, b.Text),
	)
}

// identity is what makes two diagnostics the same problem although lines
// moved: a speculative layout is judged by problems its base does not have.
func (d Diagnostic) identity() Diagnostic {
	d.Line, d.Col, d.SourceLine = 0, 0, ""
	return d
}

// MissingProject is the warning that a project of a tenant has no repository,
// looked for in dir, and counts as empty.
func MissingProject(p *TenantProject, dir string) Diagnostic {
	return newDiagnostic(CodeMissingProject, Source{Path: p.Source.Path, Line: p.Source.Line, Col: p.Source.Col}, "",
		"clone it there", "the project %s is not in %s; it counts as empty", p.Name, dir)
}
