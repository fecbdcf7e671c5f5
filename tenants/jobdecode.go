package tenants

import (
	"cmp"
	"slices"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// jobSchema is the table of attributes in the form that reads them.
var jobSchema = func() *schema[Job] {
	s := &schema[Job]{noun: "job", attrs: []attribute[Job]{
		must(column("name", func(j *Job) *scheduler.JobName { return &j.Name }, named[scheduler.JobName])),
	}}
	for _, a := range jobAttrs {
		s.attrs = append(s.attrs, a.attribute)
	}
	return s
}()

// job reads one "job" of a file.
func (d *decoder) job(v *node) (*Job, bool) {
	j := &Job{Source: d.source(v)}
	if !jobSchema.decode(d, v, j) {
		return nil, false
	}
	if j.IsBase() && !d.mayDefineBase() {
		return nil, d.hinted(v.get("parent"), CodeBaseJobForbidden, "name a parent, or leave it out for the tenant's base job", "a job without parent can only be defined in a config-project")
	}
	return j, d.finishJob(v, j)
}

// mayDefineBase says whether the project may define base jobs.
func (d *decoder) mayDefineBase() bool {
	if p := d.tenant.Project(string(d.project)); p != nil {
		return p.AllowBaseJobs.Or(d.trusted)
	}
	return d.trusted
}

// finishJob checks what concerns several attributes.
func (d *decoder) finishJob(v *node, j *Job) bool {
	j.Branches.Patterns = j.branches.Value
	if j.Intermediate.Value && !j.Abstract.Value {
		return d.report(v, CodeBadValue, "an intermediate job must also be abstract")
	}
	if p := v.get("post-review"); p != nil && !j.PostReview.Value {
		d.report(p, CodeBadValue, "post-review cannot be unset")
		return false
	}
	if j.AllowedProjects.Set && len(j.AllowedProjects.Value) == 0 {
		j.AllowedProjects = Attr[[]scheduler.ProjectName]{} // nobody is everybody, as in Zuul
	}
	if newer := v.get("semaphores"); newer != nil && v.get("semaphore") != nil {
		list, _ := d.jobSemaphores(newer)
		j.Semaphores = some(list)
	}
	if err := (&applied{Job: j}).checkSemaphores(); err != nil {
		return d.report(v, CodeBadValue, "%v", err)
	}
	if len(j.Secrets.Value) > 0 {
		d.report(v.get("secrets"), CodeSecretNotGiven, "secrets are not given to jobs yet")
		if !d.trusted {
			j.PostReview = some(true)
			j.AllowedProjects = some([]scheduler.ProjectName{d.project})
		}
	}
	return true
}

// named reads a word as one of the identifier types.
func named[T ~string](d *decoder, v *node) (T, bool) {
	s, ok := d.word(v)
	return T(s), ok
}

func (d *decoder) jobParent(v *node) (scheduler.JobName, bool) {
	d.takes("null")
	if v.kind == scalarNode && v.tag == "!!null" {
		return "", true
	}
	return named[scheduler.JobName](d, v)
}

func (d *decoder) timeout(v *node) (time.Duration, bool) {
	t, ok := d.seconds(v)
	if most := d.tenant.MaxJobTimeout; ok && most > 0 && t > most {
		return 0, d.report(v, CodeMaxTimeout, "the timeout of %d seconds is more than the tenant's max-job-timeout of %d", t/time.Second, most/time.Second)
	}
	return t, ok
}

func (d *decoder) trueFalseAuto(v *node) (string, bool) {
	d.takes("boolean")
	if v.kind == scalarNode && v.tag == "!!bool" {
		if v.boolean() {
			return "true", true
		}
		return "false", true
	}
	return oneOf("auto", "true", "false")(d, v)
}

var dependencySchema = &schema[scheduler.JobDependency]{noun: "dependency", attrs: []attribute[scheduler.JobDependency]{
	must(column("name", func(j *scheduler.JobDependency) *scheduler.JobName { return &j.Name }, named[scheduler.JobName])),
	column("soft", func(j *scheduler.JobDependency) *bool { return &j.Soft }, (*decoder).boolean),
}}

func (d *decoder) dependencies(v *node) ([]scheduler.JobDependency, bool) {
	deps, ok := listOf(func(d *decoder, v *node) (dep scheduler.JobDependency, ok bool) {
		if v.kind != mapNode {
			dep.Name, ok = named[scheduler.JobName](d, v)
			return dep, ok
		}
		return dep, dependencySchema.decode(d, v, &dep)
	})(d, v)
	return joinDependencies(nil, deps), ok
}

// joinDependencies keeps one of each name, the later one.
func joinDependencies(old, add []scheduler.JobDependency) []scheduler.JobDependency {
	out, at := []scheduler.JobDependency{}, map[scheduler.JobName]int{}
	for _, dep := range slices.Concat(old, add) {
		i, known := at[dep.Name]
		if known {
			out[i] = dep
			continue
		}
		at[dep.Name] = len(out)
		out = append(out, dep)
	}
	return out
}

var jobSemaphoreSchema = &schema[JobSemaphore]{noun: "semaphore", attrs: []attribute[JobSemaphore]{
	must(column("name", func(s *JobSemaphore) *scheduler.SemaphoreName { return &s.Name }, named[scheduler.SemaphoreName])),
	column("resources-first", func(s *JobSemaphore) *bool { return &s.ResourcesFirst }, (*decoder).boolean),
}}

func (d *decoder) jobSemaphore(v *node) (s JobSemaphore, ok bool) {
	if v.kind != mapNode {
		s.Name, ok = named[scheduler.SemaphoreName](d, v)
		return s, ok
	}
	return s, jobSemaphoreSchema.decode(d, v, &s)
}

func (d *decoder) jobSemaphores(v *node) ([]JobSemaphore, bool) {
	list, ok := listOf((*decoder).jobSemaphore)(d, v)
	return joinSemaphores(nil, list), ok
}

// joinSemaphores keeps one of each name, in name order: the order in which
// they are acquired.
func joinSemaphores(old, add []JobSemaphore) []JobSemaphore {
	out := slices.Concat(add, old)
	slices.SortStableFunc(out, func(a, b JobSemaphore) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b JobSemaphore) bool { return a.Name == b.Name })
}

// projectName reads the name of a project of the tenant.
func (d *decoder) projectName(v *node) (scheduler.ProjectName, bool) {
	p, ok := d.projectOf(v)
	if !ok {
		return "", false
	}
	return p.Canonical, true
}

func (d *decoder) projectNames(v *node) ([]scheduler.ProjectName, bool) {
	names, ok := listOf((*decoder).projectName)(d, v)
	return union(nil, names), ok
}

func (d *decoder) projectOf(v *node) (*TenantProject, bool) {
	name, ok := d.word(v)
	if !ok {
		return nil, false
	}
	if p := d.tenant.Project(name); p != nil {
		return p, true
	}
	var names []string
	ambiguous := 0
	for _, p := range d.tenant.Projects {
		names = append(names, p.Name, string(p.Canonical))
		if p.Name == name {
			ambiguous++
		}
	}
	if ambiguous > 1 {
		return nil, d.hinted(v, CodeAmbiguousProject, "write its canonical name", "several connections have a project %q", name)
	}
	return nil, d.hinted(v, CodeProjectNotFound, didYouMean(name, names), "the tenant has no project %q", name)
}

var requiredSchema = &schema[scheduler.RequiredProject]{noun: "required project", attrs: []attribute[scheduler.RequiredProject]{
	must(column("name", func(r *scheduler.RequiredProject) *scheduler.ProjectName { return &r.Project }, (*decoder).projectName)),
	column("override-checkout", func(r *scheduler.RequiredProject) *string { return &r.OverrideCheckout }, (*decoder).word),
	column("override-branch", func(r *scheduler.RequiredProject) *string { return &r.OverrideCheckout }, (*decoder).word),
}}

func (d *decoder) requiredProject(v *node) (r scheduler.RequiredProject, ok bool) {
	if v.kind != mapNode {
		r.Project, ok = d.projectName(v)
		return r, ok
	}
	return r, requiredSchema.decode(d, v, &r)
}

func joinRequired(old, add []scheduler.RequiredProject) []scheduler.RequiredProject {
	out := slices.Clone(old)
	for _, r := range add {
		i := slices.IndexFunc(out, func(o scheduler.RequiredProject) bool { return o.Project == r.Project })
		if i < 0 {
			out = append(out, r)
			continue
		}
		out[i] = r
	}
	return out
}

func intersection[T comparable](old, add []T) []T {
	out := []T{}
	for _, v := range old {
		if slices.Contains(add, v) {
			out = append(out, v)
		}
	}
	return out
}

func (d *decoder) failureOutput(v *node) ([]string, bool) {
	return listOf(func(d *decoder, v *node) (string, bool) {
		p, ok := d.pattern(v)
		return p.Text, ok
	})(d, v)
}

// attributeControl reads which attributes may not be changed any more.
func (d *decoder) attributeControl(v *node) ([]string, bool) {
	if d.probe != nil {
		d.probe.object = controlShape()
		return nil, true
	}
	if v.kind != mapNode {
		return nil, d.report(v, CodeWrongType, "expected a mapping of attributes, got %s", describe(v))
	}
	var out []string
	ok := true
	for _, p := range v.pairs {
		final := p.value.get("final")
		switch {
		case !slices.Contains(controllable, p.key.text):
			ok = d.hinted(p.key, CodeUnknownKey, didYouMean(p.key.text, controllable), "the attribute %q cannot be controlled", p.key.text)
		case final == nil:
			ok = d.report(p.value, CodeMissingKey, "the control of %q needs %q", p.key.text, "final")
		default:
			if b, good := d.boolean(final); good && b {
				out = append(out, p.key.text)
			}
		}
	}
	return out, ok
}
