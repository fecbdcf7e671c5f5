package tenantview

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
	"github.com/gozer-ci/gozer/web"
)

// Defaults of Zuul for what a variant leaves open.
const (
	defaultAttempts = 3
	defaultScheme   = "golang"
)

// Job lists the variants of a job in layout order.
func (v view) Job(name scheduler.JobName) []web.JobVariant {
	return each(v.layout.JobVariants(name), v.variant)
}

func (v view) variant(j *tenants.Job) web.JobVariant {
	parent := string(v.layout.ParentOf(j))
	branches := texts(j.Branches.Names())
	out := web.JobVariant{
		Name: j.Name, Parent: set(parent, parent != ""), Description: attr(j.Description),
		VariantDescription: j.VariantDescription.Or(strings.Join(branches, " ")), Branches: branches,
		Files: each(j.Files.Value, matcher), IrrelevantFiles: each(j.IrrelevantFiles.Value, matcher),
		SourceContext: v.place(j.Source),
		Final:         j.Final.Value, Abstract: j.Abstract.Value, Intermediate: j.Intermediate.Value,
		Protected: attr(j.Protected), Voting: j.Voting.Or(true), Attempts: j.Attempts.Or(defaultAttempts),
		Tags: texts(j.Tags.Value), Provides: texts(j.Provides.Value), Requires: texts(j.Requires.Value),
		PostReview: attr(j.PostReview), MatchOnConfig: j.ConfigUpdates.Or(true),
		FailureOutput: texts(j.FailureOutput.Value), ImageBuildName: attr(j.ImageBuildName),
		AnsibleSplitStreams: attr(j.AnsibleSplitStreams), AnsibleVersion: attr(j.AnsibleVersion),
		Deduplicate: triple(j.Deduplicate.Or("auto")), WorkspaceCheckout: triple(j.WorkspaceCheckout.Or("true")),
		WorkspaceScheme: j.WorkspaceScheme.Or(defaultScheme), OverrideCheckout: attr(j.OverrideCheckout),
	}
	if j.Timeout.Set {
		seconds := int(j.Timeout.Value / time.Second)
		out.Timeout = &seconds
	}
	v.variables(&out, j)
	v.needs(&out, j)
	v.phases(&out, j)
	v.nodesets(&out, j)
	return out
}

func (v view) variables(out *web.JobVariant, j *tenants.Job) {
	out.Variables, out.ExtraVariables = object(j.Vars), object(j.ExtraVars)
	out.HostVariables, out.GroupVariables = object(j.HostVars), object(j.GroupVars)
	out.IncludeVars = each(j.IncludeVars.Value, func(i tenants.IncludeVars) web.IncludeVars {
		project := string(i.Project)
		return web.IncludeVars{Name: i.Name, ProjectCanonicalName: set(project, project != ""), Required: i.Required, UseRef: i.UseRef}
	})
}

// needs fills in what a job wants of other jobs, projects and semaphores.
func (v view) needs(out *web.JobVariant, j *tenants.Job) {
	out.RequiredProjects = each(j.RequiredProjects.Value, func(p scheduler.RequiredProject) web.RequiredProject {
		return web.RequiredProject{ProjectName: p.Project, OverrideCheckout: set(p.OverrideCheckout, p.OverrideCheckout != "")}
	})
	out.Semaphores = each(j.Semaphores.Value, func(s tenants.JobSemaphore) web.JobSemaphore {
		return web.JobSemaphore{Name: s.Name, ResourcesFirst: s.ResourcesFirst}
	})
	out.Dependencies = each(j.Dependencies.Value, func(d scheduler.JobDependency) web.JobDependency {
		return web.JobDependency{Name: d.Name, Soft: d.Soft}
	})
	out.Roles = roles(j)
}

func (v view) phases(out *web.JobVariant, j *tenants.Job) {
	convert := func(p tenants.Playbook) web.Playbook {
		return web.Playbook{
			Path: p.Path, Roles: roles(j), Cleanup: p.Cleanup, SourceContext: v.place(p.Source),
			Secrets: each(j.Secrets.Value, func(s tenants.JobSecret) web.JobSecret {
				return web.JobSecret{Name: s.Name, Alias: s.Alias}
			}),
			Semaphores: each(p.Semaphores, func(s scheduler.SemaphoreName) web.PlaybookSemaphore {
				return web.PlaybookSemaphore{Name: string(s)}
			}),
		}
	}
	out.Run, out.PreRun = each(j.Run.Value, convert), each(j.PreRun.Value, convert)
	out.PostRun, out.CleanupRun = each(j.PostRun.Value, convert), each(j.CleanupRun.Value, convert)
}

// nodesets shows one nodeset as such and several as alternatives.
func (v view) nodesets(out *web.JobVariant, j *tenants.Job) {
	if !j.Nodeset.Set {
		return
	}
	sets := each(v.layout.NodesetAlternatives(j.Nodeset.Value), nodeset)
	switch {
	case len(sets) > 1:
		out.NodesetAlternatives = sets
	case len(sets) == 1 && len(sets[0].Nodes) > 0:
		out.Nodeset = &sets[0]
	}
}

func nodeset(n *tenants.Nodeset) web.Nodeset {
	return web.Nodeset{
		Name: n.Name, Alternatives: []struct{}{},
		Nodes: each(n.Nodes, func(m tenants.NodesetNode) web.Node {
			return web.Node{Name: m.Name, Aliases: texts(m.Aliases), Label: m.Label, State: "unknown"}
		}),
		Groups: each(n.Groups, func(g tenants.NodesetGroup) web.NodeGroup {
			return web.NodeGroup{Name: g.Name, Nodes: texts(g.Nodes)}
		}),
	}
}

func roles(j *tenants.Job) []web.Role {
	return each(j.Roles.Value, func(r tenants.Role) web.Role {
		return web.Role{TargetName: r.TargetName, Type: "zuul", ProjectCanonicalName: r.Project, Implicit: r.Implicit}
	})
}

func matcher(p scheduler.Pattern) web.Matcher { return web.Matcher{Regex: p.Text, Negate: p.Negate} }

func object(v tenants.Attr[tenants.Vars]) json.RawMessage { return v.Value.JSON() }

// triple is true, false or a word.
func triple(text string) any {
	switch text {
	case "true":
		return true
	case "false":
		return false
	}
	return text
}
