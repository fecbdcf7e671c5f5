package tenants

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// collector finds the definitions of a job that concern a ref, those of its
// parents first.
type collector struct {
	l     *Layout
	ref   scheduler.Ref
	found []*Job
	names []scheduler.JobName // whose definitions were looked at
}

// collect returns the definitions of a job for a ref, first to last, and
// whether there are any: without a matching definition anywhere in the chain
// the job does not run.
func (l *Layout) collect(name scheduler.JobName, ref scheduler.Ref) ([]*Job, bool) {
	c := collector{l: l, ref: ref}
	ok := c.add(name, nil)
	return c.found, ok
}

// add appends the definitions of name. The checkouts that inheriting jobs
// override decide on which branch their parents' definitions are looked for.
func (c *collector) add(name scheduler.JobName, heirs []*Job) bool {
	c.names = append(c.names, name)
	matched := false
	for _, j := range c.l.jobs[name] {
		if !c.matches(j, heirs) {
			continue
		}
		parent := j.Parent.Value
		if !j.Parent.Set && len(c.found) == 0 {
			parent = c.l.tenant.DefaultParent
		}
		if parent != "" && !slices.Contains(c.names, parent) && !c.add(parent, append(slices.Clip(heirs), j)) {
			return false
		}
		matched = true
		if !slices.Contains(c.found, j) {
			c.found = append(c.found, j)
		}
	}
	return matched
}

func (c *collector) matches(j *Job, heirs []*Job) bool {
	if j.Branches.Match(c.ref) {
		return true
	}
	for _, h := range append(slices.Clip(heirs), j) {
		branch := h.OverrideCheckout.Value
		for _, r := range h.RequiredProjects.Value {
			if r.Project == j.Source.Project && r.OverrideCheckout != "" {
				branch = r.OverrideCheckout
			}
		}
		if branch == "" {
			continue
		}
		ref := c.ref
		ref.Branch = branch
		if j.Branches.Match(ref) {
			return true
		}
	}
	return false
}
