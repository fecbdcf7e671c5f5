package tenants

import (
	"maps"

	"github.com/gozer-ci/gozer/scheduler"
)

// makeCore is the layout as the scheduler knows it.
func (l *linker) makeCore() *scheduler.Layout {
	t := l.tenant
	core := &scheduler.Layout{
		Projects: map[scheduler.ProjectName]scheduler.ProjectConfig{}, Semaphores: map[scheduler.SemaphoreName]int{},
		GlobalSemaphores: maps.Clone(t.GlobalSemaphores),
		WebRoot:          t.WebRoot, MaxDependencies: t.MaxDependencies, MaxChanges: t.MaxChanges,
		RelativePriority: t.RelativePriority,
	}
	for _, p := range l.pipelines {
		core.Pipelines = append(core.Pipelines, p.PipelineConfig)
	}
	for name, s := range l.semaphores {
		core.Semaphores[name] = s.Max
	}
	for _, p := range t.Projects {
		core.Projects[p.Canonical] = l.coreProject(p)
	}
	return core
}

func (l *linker) coreProject(p *TenantProject) scheduler.ProjectConfig {
	c := scheduler.ProjectConfig{Name: p.Name, Connection: p.Connection, Trusted: p.Trusted, Pipelines: map[scheduler.PipelineName]bool{}}
	for _, s := range l.projectConfigs(p.Canonical) {
		if c.Queue == "" {
			c.Queue = s.Queue
		}
		for _, pp := range s.Pipelines {
			if l.Pipeline(pp.Name) != nil {
				c.Pipelines[pp.Name] = true
			}
		}
	}
	if q := l.queues[c.Queue]; q != nil {
		c.QueuePerBranch = q.PerBranch
		c.AllowCircularDependencies, c.DependenciesByTopic = q.AllowCircularDependencies, q.DependenciesByTopic
	}
	return c
}

// projectConfigs lists each stanza of a project followed by its templates.
func (l *Layout) projectConfigs(name scheduler.ProjectName) []*ProjectStanza {
	var out []*ProjectStanza
	for _, s := range l.projects[name] {
		out = append(out, s)
		for _, t := range s.Templates {
			out = append(out, l.templates[t]...)
		}
	}
	return out
}
