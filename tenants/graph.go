package tenants

import "github.com/gozer-ci/gozer/scheduler"

// pipelineConfig is what all stanzas of a project say about a pipeline for a
// ref.
type pipelineConfig struct {
	found    bool
	jobs     jobList
	vars     Vars
	failFast Attr[bool]
	debug    bool
}

func (c *pipelineConfig) add(p *ProjectPipeline) {
	c.found = true
	c.debug = c.debug || p.Debug
	for _, job := range p.Jobs {
		for _, j := range job.Variants {
			c.jobs.add(j)
		}
	}
	if !c.failFast.Set {
		c.failFast = p.FailFast
	}
}

// pipelineConfig walks the project's stanzas in load order, the templates of
// each before its own words.
func (l *Layout) pipelineConfig(pipeline scheduler.PipelineName, ref scheduler.Ref, t *trace) (c pipelineConfig) {
	for _, s := range l.projects[ref.Project] {
		matches := s.Branches.Match(ref)
		t.add(0, "Project %s at %s %s", s.Name, s.Source, matched(matches))
		if !matches {
			continue
		}
		for _, name := range s.Templates {
			for _, template := range l.templates[name] {
				p := template.Pipeline(pipeline)
				if p == nil {
					continue
				}
				matches := template.Branches.Match(ref)
				t.add(0, "Project template %s at %s %s", name, template.Source, matched(matches))
				if matches {
					c.add(p)
					c.vars = template.Vars.over(c.vars)
				}
			}
		}
		c.vars = s.Vars.over(c.vars)
		if p := s.Pipeline(pipeline); p != nil {
			c.add(p)
		}
	}
	return c
}
