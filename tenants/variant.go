package tenants

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// applied is a job with some of its definitions applied.
type applied struct {
	*Job
	// from are the definitions, first to last.
	from []*Job
	// level is the inheritance depth of the last one.
	level int
}

// fold applies the definitions, first to last, and calls the result name.
func fold(name scheduler.JobName, definitions []*Job) (*applied, error) {
	a := &applied{Job: &Job{}}
	for _, d := range definitions {
		if err := a.apply(d); err != nil {
			return nil, err
		}
	}
	a.Name = name
	return a, nil
}

// apply puts one more definition on top (Zuul's manual, "Job: inheritance").
func (a *applied) apply(from *Job) error {
	first := len(a.from) == 0
	if !first {
		if err := a.mayApply(from); err != nil {
			return err
		}
	}
	child := !first && from.Name != a.from[len(a.from)-1].Name
	if child {
		a.level++
	}
	a.inheritFlag(&a.Abstract, from.Abstract, child)
	a.inheritFlag(&a.Intermediate, from.Intermediate, child)
	a.passSecrets(from)
	from = from.atLevel(a.level)
	for i := range jobAttrs {
		if attr := &jobAttrs[i]; attr.class != ownAttr && attr.isSet(from) {
			attr.apply(a.Job, from)
		}
	}
	a.Name, a.Source = from.Name, from.Source
	a.control.Value = union(a.control.Value, from.control.Value)
	if from.VariantDescription.Set {
		a.VariantDescription = from.VariantDescription
	}
	if !from.Branches.IsZero() {
		a.Branches = from.Branches
	}
	a.from = append(a.from, from)
	return nil
}

// mayApply checks what the job forbids its children and variants.
func (a *applied) mayApply(from *Job) error {
	for i := range jobAttrs {
		attr := &jobAttrs[i]
		if !attr.isSet(from) {
			continue
		}
		if attr.class == executionAttr && a.Final.Value {
			return fmt.Errorf("Unable to modify final job %s attribute %s with variant at %s", a.Name, attr.name, from.Source)
		}
		if slices.Contains(a.control.Value, attr.name) {
			return fmt.Errorf("Unable to modify job %s final attribute %s with variant at %s", a.Name, attr.name, from.Source)
		}
		if attr.class == executionAttr && a.Protected.Value && a.Source.Project != from.Source.Project {
			return fmt.Errorf("Job %s which is defined in %s is protected and cannot be inherited from other projects", a.Name, a.Source.Project)
		}
	}
	if a.Intermediate.Value && from.Name != a.Name && !from.Abstract.Value {
		return fmt.Errorf("Intermediate job %s may only be inherited by an abstract job, not by %s", a.Name, from.Name)
	}
	return nil
}

// inheritFlag sets a flag that a child does not inherit and a variant can
// only set.
func (a *applied) inheritFlag(into *Attr[bool], from Attr[bool], child bool) {
	if child || from.Value {
		*into = from
	}
}

// passSecrets makes a job wait for review when its secrets reach playbooks of
// untrusted projects.
func (a *applied) passSecrets(from *Job) {
	passes := slices.ContainsFunc(from.Secrets.Value, func(s JobSecret) bool { return s.PassToParent })
	untrusted := slices.ContainsFunc(slices.Concat(a.PreRun.Value, a.Run.Value, a.PostRun.Value, a.CleanupRun.Value), func(p Playbook) bool { return !p.Source.Trusted })
	if passes && untrusted {
		a.PostReview = some(true)
	}
}

// atLevel returns j with the inheritance depth noted in its playbooks.
func (j *Job) atLevel(level int) *Job {
	copied := *j
	for _, books := range []*Attr[[]Playbook]{&copied.PreRun, &copied.Run, &copied.PostRun, &copied.CleanupRun} {
		books.Value = slices.Clone(books.Value)
		for i := range books.Value {
			books.Value[i].level = level
		}
	}
	return &copied
}
