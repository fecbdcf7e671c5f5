package tenants

import (
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// checkPipelines takes names of pipelines that do not exist out of supercedes.
func (l *linker) checkPipelines() {
	for i, p := range l.pipelines {
		known := slices.DeleteFunc(slices.Clone(p.Supercedes), func(name scheduler.PipelineName) bool {
			if l.Pipeline(name) != nil {
				return false
			}
			l.report(p.Source, CodePipelineNotFound, l.suggest(string(name), l.pipelineNames), "the pipeline %q supercedes %q, which is not defined", p.Name, name)
			return true
		})
		copied := *p
		copied.Supercedes = known
		l.pipelines[i] = &copied
	}
}

func (l *Layout) pipelineNames() []string {
	var names []string
	for _, p := range l.pipelines {
		names = append(names, string(p.Name))
	}
	return names
}

func (l *Layout) jobNames() []string {
	var names []string
	for _, name := range l.jobOrder {
		names = append(names, string(name))
	}
	return names
}

// checkTemplates drops templates that refer to what is not there. Templates that
// no project uses are let be: tenants share projects that define them, and may
// lack their jobs.
func (l *linker) checkTemplates() {
	used := l.templatesUsed()
	for _, name := range slices.Sorted(maps.Keys(l.templates)) {
		if !used[name] {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(l.templates[name]), func(s *ProjectStanza) bool { return !l.stanzaHolds(s) })
		if len(kept) == 0 {
			delete(l.templates, name)
			l.broken[name] = true
			continue
		}
		l.templates[name] = kept
	}
}

func (l *linker) templatesUsed() map[string]bool {
	used := map[string]bool{}
	for _, stanzas := range l.projects {
		for _, s := range stanzas {
			for _, name := range s.Templates {
				used[name] = true
			}
		}
	}
	return used
}

// checkProjects drops stanzas that refer to what is not there: better no job
// than a change that merges without one of its jobs.
func (l *linker) checkProjects() {
	holds := map[*ProjectStanza]bool{}
	for _, p := range l.tenant.Projects {
		kept := slices.DeleteFunc(l.projects[p.Canonical], func(s *ProjectStanza) bool {
			ok, seen := holds[s]
			if !seen {
				ok = l.templatesDefined(s) && l.stanzaHolds(s)
				holds[s] = ok
			}
			return !ok
		})
		l.projects[p.Canonical] = kept
	}
}

func (l *linker) templatesDefined(s *ProjectStanza) bool {
	ok := true
	for _, name := range s.Templates {
		switch {
		case len(l.templates[name]) > 0:
		case l.broken[name]:
			l.report(s.Source, CodeTemplateNotFound, "mend the template", "the project %q uses the project-template %q, which cannot be used", s.Name, name)
			ok = false
		default:
			l.report(s.Source, CodeTemplateNotFound, l.suggest(name, func() []string { return slices.Collect(maps.Keys(l.templates)) }), "the project %q uses the project-template %q, which is not defined", s.Name, name)
			ok = false
		}
	}
	return ok
}

func (l *linker) stanzaHolds(s *ProjectStanza) bool {
	ok := true
	for i := range s.Pipelines {
		p := &s.Pipelines[i]
		if l.Pipeline(p.Name) == nil {
			l.report(p.Source, CodeUnknownPipeline, l.suggest(string(p.Name), func() []string { return append(l.pipelineNames(), projectSchemaNames...) }), "the tenant has no pipeline %q", p.Name)
		}
		for _, job := range p.Jobs {
			ok = l.variantsHold(job) && ok
		}
	}
	return ok
}

func (l *linker) variantsHold(job ProjectJob) bool {
	if len(l.jobs[job.Name]) == 0 {
		missing, hint := l.missing(job.Name)
		l.report(job.Variants[0].Source, CodeJobNotFound, hint, "the job %q %s", job.Name, missing)
		return false
	}
	for _, j := range job.Variants {
		l.checkDependencies(j)
	}
	return !slices.ContainsFunc(job.Variants, func(j *Job) bool { return !l.jobHolds(j) })
}
