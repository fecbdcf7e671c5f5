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
	// protector is the project of the definition that protected the job.
	protector scheduler.ProjectName
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
	a.inheritFlag(&a.Abstract, from.Abstract, child)
	a.inheritFlag(&a.Intermediate, from.Intermediate, child)
	a.passSecrets(from)
	from = from.atLevel(len(a.from))
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
	if from.Protected.Value && a.protector == "" {
		a.protector = from.Source.Project
	}
	a.from = append(a.from, from)
	return a.checkSemaphores()
}

// checkSemaphores refuses what would wait for itself: a playbook's semaphore
// that the job holds.
func (a *applied) checkSemaphores() error {
	held := a.playbookSemaphores()
	for _, s := range a.Semaphores.Value {
		if slices.Contains(held, s.Name) {
			return fmt.Errorf("Semaphore %s of job %s is specified as both job and playbook semaphore but may only be used for one", s.Name, a.Name)
		}
	}
	return nil
}

// mayApply checks what the job forbids its children and variants.
func (a *applied) mayApply(from *Job) error {
	if from.Protected.Set && !from.Protected.Value && a.protector != "" {
		return fmt.Errorf("Unable to reset protected attribute of job %s by variant at %s", a.Name, from.Source)
	}
	for i := range jobAttrs {
		attr := &jobAttrs[i]
		if !attr.isSet(from) {
			continue
		}
		if attr.class == executionAttr {
			if err := a.mayExecute(attr.name, from); err != nil {
				return err
			}
		}
		if slices.Contains(a.control.Value, attr.name) {
			return fmt.Errorf("Unable to modify job %s final attribute %s with variant at %s", a.Name, attr.name, from.Source)
		}
	}
	if !from.variant {
		// A definition brings the roles of its repository.
		if err := a.mayExecute("roles", from); err != nil {
			return err
		}
	}
	if a.Intermediate.Value && !from.Abstract.Value {
		return fmt.Errorf("Intermediate job %s may only be inherited by another abstract job, not by %s", a.Name, from.Name)
	}
	return nil
}

// mayExecute checks whether the way in that the job executes may be changed.
func (a *applied) mayExecute(attribute string, from *Job) error {
	switch {
	case a.Final.Value:
		return fmt.Errorf("Unable to modify final job %s attribute %s with variant at %s", a.Name, attribute, from.Source)
	case a.protector != "" && a.protector != from.Source.Project:
		return fmt.Errorf("Job %s which is defined in %s is protected and cannot be inherited from other projects", a.Name, a.protector)
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

// atLevel returns j with the number of definitions below it noted in its
// playbooks.
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
