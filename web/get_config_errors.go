package web

import "net/url"

// configErrorDoc is one problem of the configuration.
type configErrorDoc struct {
	SourceContext SourceContext `json:"source_context"`
	Error         string        `json:"error"`
	ShortError    string        `json:"short_error"`
	Severity      string        `json:"severity"`
	Name          string        `json:"name"`
}

// getConfigErrors lists the problems of the tenant's configuration.
func (s *Server) getConfigErrors(c *call) error {
	q := c.URL.Query()
	list := []configErrorDoc{}
	for _, e := range s.deps.Layouts.Layout(c.tenant).ConfigErrors() {
		if !e.matches(q) {
			continue
		}
		list = append(list, configErrorDoc{
			SourceContext: SourceContext{Project: e.Project, Branch: orNull(e.Branch), Path: e.Path},
			Error:         e.Text, ShortError: e.Short, Severity: e.Severity, Name: e.Name,
		})
	}
	return c.json(cut(list, number(q, "skip", 0), number(q, "limit", 50)))
}

func (e ConfigError) matches(q url.Values) bool {
	for key, value := range map[string]string{"project": e.Project, "branch": e.Branch, "severity": e.Severity, "name": e.Name} {
		if q.Has(key) && q.Get(key) != value {
			return false
		}
	}
	return true
}
