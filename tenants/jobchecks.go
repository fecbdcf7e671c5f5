package tenants

import (
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

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
	for _, name := range l.jobOrder {
		for _, j := range l.jobs[name] {
			l.checkParent(j)
			l.checkDependencies(j)
		}
	}
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
		c.brokenJobs[name] = true
	}
}

// parentDefined checks the parent of a definition: the one it names, or the
// tenant's base job for the first of its name. Without a base job, jobs can be
// defined that never run, as in Zuul.
func (l *linker) parentDefined(j *Job, parent scheduler.JobName) bool {
	if parent == "" || len(l.jobs[parent]) > 0 {
		return true
	}
	if !j.Parent.Set {
		l.report(j.Source, CodeNoBaseJob, "define it in a config-project, or set the tenant's default-parent", "the job %q has no parent, and the tenant's base job %q is not defined; it will not run", j.Name, parent)
		return true
	}
	missing, hint := l.missing(parent)
	l.report(j.Source, CodeJobNotFound, hint, "the job %q inherits from %q, which %s", j.Name, parent, missing)
	return false
}

// missing tells a job that nobody defines from one whose definitions are all
// broken, and how to mend it.
func (l *linker) missing(name scheduler.JobName) (text, hint string) {
	if l.brokenJobs[name] {
		return "cannot be used", "mend its definitions"
	}
	return "is not defined", l.suggest(string(name), l.jobNames)
}

// jobHolds checks what a definition or variant refers to, beside its parent.
func (l *linker) jobHolds(j *Job) bool {
	for _, s := range j.Secrets.Value {
		if secret := l.secrets[s.Name]; secret == nil || secret.Source.Project != j.Source.Project {
			l.report(j.Source, CodeSecretNotFound, "define it in the same project", "the job %q uses the secret %q, which %s does not define", j.Name, s.Name, j.Source.Project)
			return false
		}
	}
	return !j.Nodeset.Set || l.nodesetHolds(j)
}

// nodesetHolds checks the nodesets that a job may get.
func (l *linker) nodesetHolds(j *Job) bool {
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

// checkParent tells of a parent none of whose definitions can be inherited by
// the job. The job stays: where one can, freezing decides.
func (l *linker) checkParent(j *Job) {
	parents := l.jobs[j.Parent.Value]
	if len(parents) == 0 {
		return
	}
	all := func(f func(*Job) bool) bool { return !slices.ContainsFunc(parents, func(p *Job) bool { return !f(p) }) }
	reason := ""
	switch {
	case all(func(p *Job) bool { return p.Final.Value }):
		reason = "is final"
	case !j.Abstract.Value && all(func(p *Job) bool { return p.Intermediate.Value }):
		reason = "is intermediate, and only abstract jobs inherit from it"
	case parents[0].Source.Project != j.Source.Project && all(func(p *Job) bool { return p.Protected.Value }):
		reason = "is protected and stands in another project"
	default:
		return
	}
	l.report(j.Source, CodeBadParent, "", "the job %q cannot inherit from %q, which %s", j.Name, j.Parent.Value, reason)
}

// checkDependencies tells of dependencies that no project can have. The job
// stays: where it would run, its project hears of it again.
func (l *linker) checkDependencies(j *Job) {
	for _, dep := range j.Dependencies.Value {
		if len(l.jobs[dep.Name]) == 0 {
			missing, hint := l.missing(dep.Name)
			l.report(j.Source, CodeJobNotFound, hint, "the job %q depends on %q, which %s", j.Name, dep.Name, missing)
		}
	}
}
