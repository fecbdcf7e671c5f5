package tenants

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// connect resolves the dependencies of all jobs. A job depends on those for
// its own ref; one that serves several refs, on those for each of them.
func (f *freezer) connect() error {
	at := f.byKey()
	for _, c := range f.jobs {
		if err := c.connect(at); err != nil {
			return err
		}
	}
	return findCycle(f.jobs, at)
}

func (c *candidate) connect(at map[scheduler.JobKey]*candidate) error {
	var edges []scheduler.JobDependency
	for _, dep := range c.job.Dependencies.Value {
		for _, i := range c.refs() {
			parent := at[scheduler.JobKey{Name: dep.Name, Ref: i}]
			if parent == nil && !dep.Soft {
				return fmt.Errorf("Job %s depends on %s which was not run.", c.frozen.Name, dep.Name)
			}
			if parent != nil {
				edges = append(edges, scheduler.JobDependency{Name: dep.Name, Ref: parent.frozen.Ref, Soft: dep.Soft})
			}
		}
	}
	c.frozen.Dependencies = union(nil, edges) // a shared parent serves several refs
	return nil
}

// byKey finds the job that serves a ref under a name.
func (f *freezer) byKey() map[scheduler.JobKey]*candidate {
	at := make(map[scheduler.JobKey]*candidate, len(f.jobs))
	for _, c := range f.jobs {
		for _, i := range c.refs() {
			at[scheduler.JobKey{Name: c.frozen.Name, Ref: i}] = c
		}
	}
	return at
}

// keepNeeded drops the jobs whose files did not change, but for those that a
// job that runs depends on.
func (f *freezer) keepNeeded() {
	at := f.byKey()
	var need func(c *candidate)
	need = func(c *candidate) {
		for _, dep := range c.frozen.Dependencies {
			if parent := at[dep.Key()]; !dep.Soft && !parent.run {
				f.trace.add(0, "Job %s runs, since %s needs it", parent.frozen.Name, c.frozen.Name)
				parent.run = true
				need(parent)
			}
		}
	}
	for _, c := range f.jobs {
		if c.run {
			need(c)
		}
	}
	f.jobs = slices.DeleteFunc(f.jobs, func(c *candidate) bool {
		if !c.run {
			f.leave(c.frozen.Name, c.frozen.Ref, "no file that it looks at is changed")
		}
		return !c.run
	})
}

// findCycle returns an error that names a job that depends on itself.
func findCycle(jobs []*candidate, at map[scheduler.JobKey]*candidate) error {
	const open, done = 1, 2
	state := make(map[*candidate]int, len(jobs))
	var visit func(c *candidate) error
	visit = func(c *candidate) error {
		state[c] = open
		for _, dep := range c.frozen.Dependencies {
			parent := at[dep.Key()]
			switch state[parent] {
			case open:
				return fmt.Errorf("Dependency cycle detected: job %s depends on %s, which depends on it", c.frozen.Name, dep.Name)
			case 0:
				if err := visit(parent); err != nil {
					return err
				}
			}
		}
		state[c] = done
		return nil
	}
	for _, c := range jobs {
		if state[c] == 0 {
			if err := visit(c); err != nil {
				return err
			}
		}
	}
	return nil
}
