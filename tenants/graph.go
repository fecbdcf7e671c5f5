package tenants

import "github.com/gozer-ci/gozer/scheduler"

// pipelineConfig is what all stanzas of a project say about a pipeline for a
// ref.
type pipelineConfig struct {
	found    bool
	jobs     jobList
	vars     Vars
	failFast Attr[bool]
}

func (c *pipelineConfig) add(p *ProjectPipeline) {
	c.found = true
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
func (l *Layout) pipelineConfig(pipeline scheduler.PipelineName, ref scheduler.Ref) (c pipelineConfig) {
	for _, s := range l.projects[ref.Project] {
		if !s.Branches.Match(ref) {
			continue
		}
		for _, name := range s.Templates {
			for _, t := range l.templates[name] {
				p := t.Pipeline(pipeline)
				if p == nil || !t.Branches.Match(ref) {
					continue
				}
				c.add(p)
				c.vars = t.Vars.over(c.vars)
			}
		}
		c.vars = s.Vars.over(c.vars)
		if p := s.Pipeline(pipeline); p != nil {
			c.add(p)
		}
	}
	return c
}
