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

// checkJobs drops definitions that inherit from themselves or refer to what is
// not there. Parents are looked at before their children: a job without its
// parent is no job.
func (l *linker) checkJobs() {
	c := jobCheck{linker: l, seen: map[scheduler.JobName]bool{}, at: map[scheduler.JobName]int{}, cyclic: map[*Job]bool{}}
	for _, name := range slices.Clone(l.jobOrder) {
		if !c.seen[name] {
			c.visit(name)
		}
	}
	l.jobOrder = slices.DeleteFunc(l.jobOrder, func(n scheduler.JobName) bool { return len(l.jobs[n]) == 0 })
}

// jobCheck walks from jobs to their parents.
type jobCheck struct {
	*linker
	seen map[scheduler.JobName]bool
	// chain are the definitions on the way down, at their places by name.
	chain  []*Job
	at     map[scheduler.JobName]int
	cyclic map[*Job]bool
}

func (c *jobCheck) visit(name scheduler.JobName) {
	c.seen[name] = true
	variants := c.jobs[name]
	kept := make([]*Job, 0, len(variants))
	for i, j := range variants {
		parent := j.Parent.Value
		if !j.Parent.Set && i == 0 {
			parent = c.tenant.DefaultParent
		}
		c.at[name] = len(c.chain)
		c.chain = append(c.chain, j)
		if from, open := c.at[parent]; open {
			for _, member := range c.chain[from:] {
				c.cyclic[member] = true
			}
		} else if !c.seen[parent] && len(c.jobs[parent]) > 0 {
			c.visit(parent)
		}
		c.chain = c.chain[:len(c.chain)-1]
		delete(c.at, name)
		switch {
		case c.cyclic[j]:
			c.report(j.Source, CodeInheritanceCycle, "", "the job %q inherits from itself by way of %q", name, parent)
		case c.parentDefined(j, parent) && c.jobHolds(j):
			kept = append(kept, j)
		}
	}
	if c.jobs[name] = kept; len(kept) == 0 {
		delete(c.jobs, name)
	}
}

// parentDefined checks the parent of a definition: the one it names, or the
// tenant's base job for the first of its name.
func (l *linker) parentDefined(j *Job, parent scheduler.JobName) bool {
	if parent == "" || len(l.jobs[parent]) > 0 {
		return true
	}
	if !j.Parent.Set {
		l.report(j.Source, CodeJobNotFound, "define it in a config-project, or set the tenant's default-parent", "the job %q has no parent, and the tenant's base job %q is not defined", j.Name, parent)
		return false
	}
	l.report(j.Source, CodeJobNotFound, l.suggest(string(parent), l.jobNames), "the job %q inherits from %q, which is not defined", j.Name, parent)
	return false
}

// jobHolds checks what a definition or variant refers to, beside its parent.
func (l *linker) jobHolds(j *Job) bool {
	for _, s := range j.Secrets.Value {
		if secret := l.secrets[s.Name]; secret == nil || secret.Source.Project != j.Source.Project {
			l.report(j.Source, CodeSecretNotFound, "define it in the same project", "the job %q uses the secret %q, which %s does not define", j.Name, s.Name, j.Source.Project)
			return false
		}
	}
	if !j.Nodeset.Set {
		return true
	}
	sets, broken, code := l.flatten(j.Nodeset.Value)
	switch code {
	case CodeNodesetNotFound:
		l.report(j.Source, code, l.suggest(broken, func() []string { return slices.Collect(maps.Keys(l.nodesets)) }), "the job %q uses the nodeset %q, which is not defined", j.Name, broken)
		return false
	case CodeNodesetCycle:
		l.report(j.Source, code, "", "the alternatives of the nodeset %q lead back to it", broken)
		return false
	case CodeBadValue:
		l.report(j.Source, code, "", "the nodeset of the job %q has more than %d alternatives", j.Name, maxAlternatives)
		return false
	}
	for _, n := range sets {
		if most := l.tenant.MaxNodesPerJob; most > 0 && len(n.Nodes) > most {
			l.report(j.Source, CodeTooManyNodesInJob, "", "the job %q asks for %d nodes; the tenant allows %d", j.Name, len(n.Nodes), most)
			return false
		}
	}
	return true
}

// checkTemplates drops templates that refer to what is not there.
func (l *linker) checkTemplates() {
	for _, name := range slices.Sorted(maps.Keys(l.templates)) {
		kept := slices.DeleteFunc(slices.Clone(l.templates[name]), func(s *ProjectStanza) bool { return !l.stanzaHolds(s) })
		if len(kept) == 0 {
			delete(l.templates, name)
			continue
		}
		l.templates[name] = kept
	}
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
		if len(l.templates[name]) == 0 {
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
		l.report(job.Variants[0].Source, CodeJobNotFound, l.suggest(string(job.Name), l.jobNames), "the job %q is not defined", job.Name)
		return false
	}
	return !slices.ContainsFunc(job.Variants, func(j *Job) bool { return !l.jobHolds(j) })
}
