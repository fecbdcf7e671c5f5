package check

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/gozer-ci/gozer/tenants"
)

// WriteText writes the report for people: every problem, then a line for each
// tenant.
func (r *Report) WriteText(w io.Writer) error {
	problems := r.Problems()
	if _, err := io.WriteString(w, problems.String()); err != nil {
		return err
	}
	for _, t := range r.Tenants {
		if _, err := fmt.Fprintf(w, "tenant %s: %d projects, %d pipelines, %d jobs\n", t.Name, t.Projects, t.Pipelines, t.Jobs); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d errors, %d warnings\n", len(problems.Errors()), len(problems.Warnings()))
	return err
}

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	out := reportJSON{OK: r.OK(), Tenants: []tenantJSON{}, Errors: problemsOf(r.File, nil)}
	for _, t := range r.Tenants {
		out.Tenants = append(out.Tenants, tenantJSON{string(t.Name), problemsOf(t.Problems, t.Layout), t.Projects, t.Jobs, t.Pipelines})
	}
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

type reportJSON struct {
	OK      bool         `json:"ok"`
	Tenants []tenantJSON `json:"tenants"`
	// Errors are those of the tenant file that are of no tenant.
	Errors []problemJSON `json:"errors"`
}

type tenantJSON struct {
	Name string `json:"name"`
	// Errors hold warnings too: severity tells.
	Errors    []problemJSON `json:"errors"`
	Projects  int           `json:"projects"`
	Jobs      int           `json:"jobs"`
	Pipelines int           `json:"pipelines"`
}

// problemJSON has null for the project and branch of what stands in the tenant
// file. What is wrong with a whole file stands at its beginning.
type problemJSON struct {
	Project   *string `json:"project"`
	Canonical *string `json:"project_canonical_name"`
	Branch    *string `json:"branch"`
	Path      string  `json:"path"`
	Line      int     `json:"line"`
	Column    int     `json:"column"`
	Severity  string  `json:"severity"`
	Code      string  `json:"code"`
	Name      string  `json:"name"`
	Text      string  `json:"text"`
	Hint      string  `json:"hint,omitempty"`
}

func problemsOf(ds tenants.Diagnostics, l *tenants.Layout) []problemJSON {
	out := []problemJSON{}
	for _, d := range ds {
		p := problemJSON{
			Path: d.Path, Line: max(1, d.Line), Column: max(1, d.Col),
			Severity: string(d.Severity), Code: string(d.Code), Name: d.Name, Text: d.Text, Hint: d.Hint,
		}
		if d.Project != "" && l != nil {
			canonical := string(d.Project)
			p.Project, p.Canonical, p.Branch = &l.Tenant().Project(canonical).Name, &canonical, &d.Branch
		}
		out = append(out, p)
	}
	return out
}
