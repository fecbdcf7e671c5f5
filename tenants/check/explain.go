package check

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// Question asks how a job came to be what it is.
type Question struct {
	Job      scheduler.JobName
	Project  string
	Branch   string
	Pipeline scheduler.PipelineName
}

// Explain answers a question for every tenant that has the project.
func (r *Report) Explain(q Question) ([]*tenants.Explanation, error) {
	var out []*tenants.Explanation
	for _, t := range r.Tenants {
		if t.Layout == nil {
			continue
		}
		p := t.Layout.Tenant().Project(q.Project)
		if p == nil {
			continue
		}
		ref := scheduler.Ref{Connection: p.Connection, Project: p.Canonical, Name: p.Name, Branch: q.Branch, Ref: "refs/heads/" + q.Branch}
		out = append(out, t.Layout.Explain(q.Pipeline, ref, q.Job))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no tenant has a project %q; of two with one name, give the canonical name", q.Project)
	}
	return out, nil
}

// WriteExplanations writes answers for people.
func WriteExplanations(w io.Writer, es []*tenants.Explanation) error {
	var b strings.Builder
	for i, e := range es {
		if i > 0 {
			b.WriteByte('\n')
		}
		explain(&b, e)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func explain(b *strings.Builder, e *tenants.Explanation) {
	fmt.Fprintf(b, "job %s for %s on %s in pipeline %s of tenant %s\n", e.Job, e.Project, e.Branch, e.Pipeline, e.Tenant)
	if e.Problem != "" {
		fmt.Fprintf(b, "\nIt does not run: %s\n", e.Problem)
	}
	if len(e.Steps) > 0 {
		b.WriteString("\nApplied, in this order:\n")
		for i, s := range e.Steps {
			fmt.Fprintf(b, "  %d  %s\n", i+1, step(s))
		}
	}
	if len(e.PassedOver) > 0 {
		b.WriteString("\nPassed over, since they are for other branches:\n")
		for _, s := range e.PassedOver {
			fmt.Fprintf(b, "  -  %s\n", step(s))
		}
	}
	for _, a := range e.Attributes {
		fmt.Fprintf(b, "\n%s: %s\n", a.Name, a.Value)
		for _, s := range a.Settings {
			fmt.Fprintf(b, "  %d  %s  %s  %s\n", s.Step, place(s.At), s.How, s.Value)
		}
	}
}

func step(s tenants.Step) string {
	text := place(s.Source) + "  " + s.Kind
	if s.Kind != tenants.StepVars {
		text += " " + string(s.Name)
	}
	if len(s.Branches) > 0 {
		text += "  branches " + strings.Join(s.Branches, ", ")
	}
	return text
}

func place(s tenants.Source) string {
	if s.Line == 0 {
		return s.String()
	}
	return fmt.Sprintf("%s:%d", s, s.Col)
}

// WriteExplanationsJSON writes answers for programs.
func WriteExplanationsJSON(w io.Writer, es []*tenants.Explanation) error {
	out := explanationsJSON{Explanations: []explanationJSON{}}
	for _, e := range es {
		out.Explanations = append(out.Explanations, explanationOf(e))
	}
	return writeJSON(w, out)
}

func explanationOf(e *tenants.Explanation) explanationJSON {
	j := explanationJSON{
		Tenant: string(e.Tenant), Project: string(e.Project), Branch: e.Branch, Pipeline: string(e.Pipeline), Job: string(e.Job),
		Runs: e.Problem == "", Problem: e.Problem, Attributes: []attributeJSON{},
		Steps: stepsOf(e.Steps), PassedOver: stepsOf(e.PassedOver),
	}
	for _, a := range e.Attributes {
		attr := attributeJSON{Name: a.Name, Value: raw(a.Value)}
		for _, s := range a.Settings {
			attr.Settings = append(attr.Settings, settingJSON{s.Step, positionOf(s.At), s.How, raw(s.Value)})
		}
		j.Attributes = append(j.Attributes, attr)
	}
	return j
}

func stepsOf(steps []tenants.Step) []stepJSON {
	out := []stepJSON{}
	for _, s := range steps {
		out = append(out, stepJSON{string(s.Name), s.Kind, positionOf(s.Source), slices.Clone(s.Branches)})
	}
	return out
}

func positionOf(s tenants.Source) positionJSON {
	return positionJSON{string(s.Project), s.Branch, cmp.Or(s.Path, "built in"), s.Line, s.Col}
}
