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
	if _, err := io.WriteString(w, r.Problems.String()); err != nil {
		return err
	}
	for _, t := range r.Tenants {
		if _, err := fmt.Fprintf(w, "tenant %s: %d projects, %d pipelines, %d jobs\n", t.Name, t.Projects, t.Pipelines, t.Jobs); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d errors, %d warnings\n", len(r.Problems.Errors()), len(r.Problems.Warnings()))
	return err
}

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	out := reportJSON{OK: r.OK(), Tenants: []tenantJSON{}, Problems: []problemJSON{}}
	for _, t := range r.Tenants {
		out.Tenants = append(out.Tenants, tenantJSON{string(t.Name), t.Projects, t.Pipelines, t.Jobs})
	}
	for _, d := range r.Problems {
		out.Problems = append(out.Problems, problemOf(d))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

type reportJSON struct {
	OK       bool          `json:"ok"`
	Tenants  []tenantJSON  `json:"tenants"`
	Problems []problemJSON `json:"problems"`
}

type tenantJSON struct {
	Name      string `json:"name"`
	Projects  int    `json:"projects"`
	Pipelines int    `json:"pipelines"`
	Jobs      int    `json:"jobs"`
}

type problemJSON struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Name     string `json:"name"`
	Project  string `json:"project,omitempty"`
	Branch   string `json:"branch,omitempty"`
	Path     string `json:"path"`
	Line     int    `json:"line,omitempty"`
	Col      int    `json:"col,omitempty"`
	Text     string `json:"text"`
	Hint     string `json:"hint,omitempty"`
}

func problemOf(d tenants.Diagnostic) problemJSON {
	return problemJSON{
		Severity: string(d.Severity), Code: string(d.Code), Name: d.Name, Project: string(d.Project), Branch: d.Branch,
		Path: d.Path, Line: d.Line, Col: d.Col, Text: d.Text, Hint: d.Hint,
	}
}
