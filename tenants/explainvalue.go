package tenants

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// shown renders the value of an attribute as JSON, nearly as it is written.
func shown(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain(v)); err != nil { // values of attributes always encode
		panic("show an attribute: " + err.Error())
	}
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
}

// plain takes out of a value what people write.
func plain(v any) any {
	switch v := v.(type) {
	case time.Duration:
		return int(v / time.Second)
	case Vars:
		return v.JSON()
	case []scheduler.Pattern:
		return each(v, plainPattern)
	case []Playbook:
		return each(v, func(p Playbook) any { return p.Path })
	case []scheduler.JobDependency:
		return each(v, func(d scheduler.JobDependency) any { return softly(string(d.Name), d.Soft, "soft") })
	case []JobSemaphore:
		return each(v, func(s JobSemaphore) any { return softly(string(s.Name), s.ResourcesFirst, "resources-first") })
	case []JobSecret:
		return each(v, func(s JobSecret) any { return s.Alias })
	case []Role:
		return each(v, func(r Role) any { return map[string]any{"zuul": r.Project, "name": r.TargetName} })
	case []scheduler.RequiredProject:
		return each(v, plainRequired)
	case []IncludeVars:
		return each(v, func(i IncludeVars) any { return map[string]any{"name": i.Name, "project": i.Project} })
	case NodesetRef:
		return plainNodeset(v)
	}
	return v
}

func each[T any](list []T, f func(T) any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

func plainPattern(p scheduler.Pattern) any {
	if p.Negate {
		return map[string]any{"regex": p.Text, "negate": true}
	}
	return p.Text
}

// softly writes a name, with a flag where it is raised.
func softly(name string, raised bool, flag string) any {
	if raised {
		return map[string]any{"name": name, flag: true}
	}
	return name
}

func plainRequired(r scheduler.RequiredProject) any {
	if r.OverrideCheckout == "" {
		return r.Project
	}
	return map[string]any{"name": r.Project, "override-checkout": r.OverrideCheckout}
}

func plainNodeset(r NodesetRef) any {
	if r.Inline == nil {
		return r.Name
	}
	if len(r.Inline.Alternatives) > 0 {
		return map[string]any{"alternatives": each(r.Inline.Alternatives, plainNodeset)}
	}
	return map[string]any{"nodes": each(r.Inline.Nodes, func(n NodesetNode) any { return map[string]any{"name": n.Name, "label": n.Label} })}
}
