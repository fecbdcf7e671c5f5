package tenants

import (
	"reflect"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// linker puts the objects of all files together and drops those that refer to
// something that is not there.
type linker struct {
	*Layout
	found Diagnostics
	// reported counts the problems of each file, hints all hints.
	reported map[fileKey]int
	hints    int
	// broken are the templates that were dropped.
	broken map[string]bool
	// brokenJobs are the jobs that lost all their definitions.
	brokenJobs map[scheduler.JobName]bool
}

// maxHints bounds the hints of one layout: they cost a look at all names.
const maxHints = 20

// link makes a layout of what the branches define. With a live layout the
// counts of semaphores are that one's: a change cannot give itself more.
func link(t *Tenant, branches []branchConfig, live *Layout) *Layout {
	l := &linker{reported: map[fileKey]int{}, broken: map[string]bool{}, brokenJobs: map[scheduler.JobName]bool{}, Layout: &Layout{
		tenant: t, branches: branches,
		jobs:       map[scheduler.JobName][]*Job{},
		templates:  map[string][]*ProjectStanza{},
		projects:   map[scheduler.ProjectName][]*ProjectStanza{},
		queues:     map[scheduler.QueueName]*Queue{},
		nodesets:   map[string]*Nodeset{},
		semaphores: map[scheduler.SemaphoreName]*Semaphore{},
		secrets:    map[string]*Secret{},
		nodes:      newProviders(),
	}}
	noop := noopJob()
	l.jobs[noop.Name], l.jobOrder = []*Job{noop}, []scheduler.JobName{noop.Name}
	l.gather()
	l.checkPipelines()
	l.checkProviders()
	l.checkNodesets()
	l.checkJobs()
	l.checkTemplates()
	l.checkProjects()
	l.problems = l.found.Sorted()
	l.core = l.makeCore()
	if live != nil {
		l.core.Semaphores = live.core.Semaphores
	}
	l.hash = hashInputs(t, branches, l.core)
	l.core.Hash = l.hash
	return l.Layout
}

// report adds a problem of an object.
func (l *linker) report(src Source, code Code, hint, format string, args ...any) {
	k := fileKey{project: src.Project, branch: src.Branch, path: src.Path}
	if l.reported[k]++; l.reported[k] > maxProblems {
		code, hint, format, args = CodeTooManyProblems, "", "the file has more than %d problems; the others are not shown", []any{maxProblems}
		src.Line, src.Col = 0, 0
	}
	if l.reported[k] > maxProblems+1 {
		return
	}
	l.found = append(l.found, newDiagnostic(code, src, l.lineAt(src), hint, format, args...))
}

// suggest is didYouMean while there are hints left.
func (l *linker) suggest(word string, candidates func() []string) string {
	if l.hints++; l.hints > maxHints {
		return ""
	}
	return didYouMean(word, candidates())
}

// gather takes the objects in load order. Objects that others refer to come
// first, so that the order inside a branch does not matter.
func (l *linker) gather() {
	for i := range l.branches {
		b := &l.branches[i]
		l.found = append(l.found, b.problems...)
		for _, o := range b.files {
			l.found = append(l.found, o.problems...)
			for _, p := range o.pipelines {
				l.addPipeline(p)
			}
			for _, q := range o.queues {
				define(l, l.queues, "queue", q.Name, q, func(q *Queue) *Source { return &q.Source })
			}
			for _, n := range o.nodesets {
				define(l, l.nodesets, "nodeset", n.Name, n, func(n *Nodeset) *Source { return &n.Source })
			}
			for _, s := range o.semaphores {
				l.addSemaphore(s)
			}
			l.gatherProviders(o)
			for _, s := range o.secrets {
				define(l, l.secrets, "secret", s.Name, s, func(s *Secret) *Source { return &s.Source })
			}
		}
	}
	for i := range l.branches {
		b := &l.branches[i]
		for _, o := range b.files {
			l.gatherJobs(b, o)
		}
	}
}

func (l *linker) gatherJobs(b *branchConfig, o *objects) {
	implied := o.pragma.implied(b)
	for _, j := range o.jobs {
		if !j.branches.Set {
			copied := *j
			copied.Branches = implied
			j = &copied
		}
		l.addJob(b.project, j)
	}
	for _, s := range o.templates {
		copied := *s
		copied.Branches = implied
		l.addTemplate(&copied)
	}
	for _, s := range o.stanzas {
		if !s.branches.Set {
			copied := *s
			copied.Branches = impliedForStanza(s, b, implied)
			s = &copied
		}
		for _, name := range s.projects {
			l.projects[name] = append(l.projects[name], s)
		}
	}
}

func (l *linker) addPipeline(p *Pipeline) {
	if old := l.Pipeline(p.Name); old != nil {
		l.report(p.Source, CodeDuplicateDefinition, "rename or remove one of them", "the pipeline %q is already defined in %s", p.Name, old.Source)
		return
	}
	l.pipelines = append(l.pipelines, p)
}

// addSemaphore leaves out a semaphore that has the name of a global one, which
// the tenant uses instead.
func (l *linker) addSemaphore(s *Semaphore) {
	if _, global := l.tenant.GlobalSemaphores[s.Name]; global {
		l.report(s.Source, CodeShadowsGlobal, "rename it", "the semaphore %q has the name of a global one, which is used instead", s.Name)
		return
	}
	define(l, l.semaphores, "semaphore", s.Name, s, func(s *Semaphore) *Source { return &s.Source })
}

// define adds an object whose name is unique. Equal copies on the branches of
// one project are one object.
func define[K ~string, T any](l *linker, all map[K]*T, noun string, name K, t *T, source func(*T) *Source) {
	old, ok := all[name]
	if !ok {
		all[name] = t
		return
	}
	src, first := *source(t), *source(old)
	switch {
	case src.Project != first.Project || src.Branch == first.Branch:
		l.report(src, CodeDuplicateDefinition, "rename or remove one of them", "the %s %q is already defined in %s", noun, name, first)
	case !sameObject(t, old, source):
		l.report(src, CodeDifferingDefinition, "definitions on several branches must be equal", "the %s %q differs from its definition in %s", noun, name, first)
	}
}

// sameObject compares two objects without regard to where they stand.
func sameObject[T any](a, b *T, source func(*T) *Source) bool {
	x, y := *a, *b
	*source(&x), *source(&y) = Source{}, Source{}
	if n, ok := any(&x).(*Nodeset); ok {
		m := any(&y).(*Nodeset)
		return sameNodeset(n, m)
	}
	if s, ok := any(&x).(interface{ sameAs(*T) bool }); ok {
		return s.sameAs(&y)
	}
	if s, ok := any(&x).(*Secret); ok {
		return string(appendJSON(nil, s.data)) == string(appendJSON(nil, any(&y).(*Secret).data))
	}
	return reflect.DeepEqual(x, y)
}

func sameNodeset(a, b *Nodeset) bool {
	return a.Name == b.Name && reflect.DeepEqual(a.Nodes, b.Nodes) && reflect.DeepEqual(a.Groups, b.Groups) &&
		slices.EqualFunc(a.Alternatives, b.Alternatives, func(x, y NodesetRef) bool {
			if x.Inline == nil || y.Inline == nil {
				return x == y
			}
			return sameNodeset(x.Inline, y.Inline)
		})
}

// addJob adds a definition of a job. All definitions of a name stand in one
// project, but for projects that are told to shadow others.
func (l *linker) addJob(p *TenantProject, j *Job) {
	for _, prior := range l.jobs[j.Name] {
		switch {
		case prior.Source.Project == j.Source.Project:
		case slices.Contains(p.Shadow, prior.Source.Project):
			return
		case prior.Source.Project == "":
			l.report(j.Source, CodeJobRedefinition, "rename it", "the job %q is built in and cannot be defined", j.Name)
			return
		default:
			l.report(j.Source, CodeJobRedefinition, "rename it", "the job %q is already defined in %s", j.Name, prior.Source)
			return
		}
	}
	if len(l.jobs[j.Name]) == 0 {
		l.jobOrder = append(l.jobOrder, j.Name)
	}
	l.jobs[j.Name] = append(l.jobs[j.Name], j)
}

func (l *linker) addTemplate(s *ProjectStanza) {
	if old := l.templates[s.Name]; len(old) > 0 && old[0].Source.Project != s.Source.Project {
		l.report(s.Source, CodeDuplicateDefinition, "rename it", "the project-template %q is already defined in %s", s.Name, old[0].Source)
		return
	}
	l.templates[s.Name] = append(l.templates[s.Name], s)
}
