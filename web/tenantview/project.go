package tenantview

import (
	"cmp"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
	"github.com/gozer-ci/gozer/web"
)

// Defaults of Zuul for what no stanza of a project says.
const (
	defaultMergeMode = "merge-resolve"
	defaultBranch    = "master"
)

// Project shows a project with its stanzas.
func (v view) Project(name string) (web.ProjectDetail, error) {
	p, err := v.find(name)
	if err != nil {
		return web.ProjectDetail{}, err
	}
	configs := v.layout.ProjectConfigs(p.Canonical)
	out := web.ProjectDetail{
		Name: p.Name, ConnectionName: p.Connection, CanonicalName: p.Canonical,
		Metadata: web.ProjectMetadata{MergeMode: defaultMergeMode, DefaultBranch: defaultBranch},
		Configs:  each(configs, v.stanza),
	}
	for _, s := range slices.Backward(configs) { // the first stanza that says something wins
		out.Metadata.MergeMode = cmp.Or(s.MergeMode, out.Metadata.MergeMode)
		out.Metadata.DefaultBranch = cmp.Or(s.DefaultBranch, out.Metadata.DefaultBranch)
		if s.Queue != "" {
			out.Metadata.QueueName = set(string(s.Queue), true)
		}
	}
	return out, nil
}

// find looks a project up by canonical name, then by short name.
func (v view) find(name string) (*tenants.TenantProject, error) {
	if p := v.layout.Tenant().Project(name); p != nil {
		return p, nil
	}
	for _, p := range v.layout.Projects() {
		if p.Name == name {
			return nil, &scheduler.Rejection{Code: "conflict", Message: "Several connections have this project; use the canonical name", Subject: name}
		}
	}
	return nil, &scheduler.Rejection{Code: "not_found", Message: "Unknown project", Subject: name}
}

func (v view) stanza(s *tenants.ProjectStanza) web.ProjectStanza {
	out := web.ProjectStanza{
		SourceContext: v.place(s.Source), DefaultBranch: set(s.DefaultBranch, s.DefaultBranch != ""),
		MergeMode: set(s.MergeMode, s.MergeMode != ""), IsTemplate: s.Template, Templates: texts(s.Templates),
		QueueName: set(string(s.Queue), s.Queue != ""), Pipelines: each(s.Pipelines, v.pipeline),
	}
	slices.SortFunc(out.Pipelines, func(a, b web.ProjectPipeline) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (v view) pipeline(p tenants.ProjectPipeline) web.ProjectPipeline {
	return web.ProjectPipeline{Name: p.Name, Jobs: each(p.Jobs, func(j tenants.ProjectJob) []web.JobVariant {
		return each(j.Variants, v.variant)
	})}
}
