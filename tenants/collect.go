package tenants

import (
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// checkouts are the branches that heirs want checked out, by project; those of
// the empty project are for all others.
type checkouts map[scheduler.ProjectName]string

func (c checkouts) add(j *Job) {
	if j.OverrideCheckout.Value != "" {
		c[""] = j.OverrideCheckout.Value
	}
	for _, r := range j.RequiredProjects.Value {
		if r.OverrideCheckout != "" {
			c[r.Project] = r.OverrideCheckout
		}
	}
}

// collector finds the definitions of a job that concern a ref, those of its
// parents first.
type collector struct {
	l     *Layout
	ref   scheduler.Ref
	found []*Job
	names []scheduler.JobName // whose definitions were looked at
	trace *trace
}

// collect returns the definitions of a job for a ref, first to last, and
// whether there are any: without a matching definition anywhere in the chain
// the job does not run. variants are the project's words on the job.
func (l *Layout) collect(name scheduler.JobName, ref scheduler.Ref, variants []*Job, t *trace) ([]*Job, bool) {
	c, wanted := collector{l: l, ref: ref, trace: t}, checkouts{}
	for _, j := range variants {
		wanted.add(j)
	}
	ok := c.add(name, wanted)
	return c.found, ok
}

// add appends the definitions of name. What its heirs check out decides on
// which branch they are looked for.
func (c *collector) add(name scheduler.JobName, wanted checkouts) bool {
	c.names = append(c.names, name)
	ref, above := c.refFor(name, wanted), maps.Clone(wanted)
	hit := false
	for _, j := range c.l.jobs[name] {
		matches := j.Branches.Match(ref)
		c.trace.add(1, "definition of %s at %s %s", name, j.Source, matched(matches))
		if !matches {
			continue
		}
		parent := j.Parent.Value
		if !j.Parent.Set && len(c.found) == 0 {
			parent = c.l.tenant.DefaultParent
		}
		above.add(j)
		if parent != "" && !slices.Contains(c.names, parent) && !c.add(parent, above) {
			return false
		}
		hit = true
		if !slices.Contains(c.found, j) {
			c.found = append(c.found, j)
		}
	}
	return hit
}

// refFor is what the definitions of a job are matched with: the ref itself,
// unless an heir wants another branch of the project that defines them, which
// has that branch.
func (c *collector) refFor(name scheduler.JobName, wanted checkouts) scheduler.Ref {
	if len(c.l.jobs[name]) == 0 {
		return c.ref
	}
	project := c.l.jobs[name][0].Source.Project
	branch, ok := wanted[project]
	if !ok {
		branch = wanted[""]
	}
	has := func(b branchConfig) bool { return b.project.Canonical == project && b.branch == branch }
	if branch == "" || !slices.ContainsFunc(c.l.branches, has) {
		return c.ref
	}
	return scheduler.Ref{Connection: c.ref.Connection, Project: project, Branch: branch, Ref: "refs/heads/" + branch}
}
