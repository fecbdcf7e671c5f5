package tenants

import (
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// ProjectStanza is one "project" or "project-template" of the configuration.
type ProjectStanza struct {
	// Name of the template, or the project's name as written; a regular
	// expression when it starts with "^".
	Name     string
	Template bool
	Source   Source
	Branches BranchMatcher
	// Templates in order, without repeats.
	Templates     []string
	Vars          Vars
	Queue         scheduler.QueueName
	MergeMode     string
	DefaultBranch string
	Description   string
	// Pipelines in the order they are written.
	Pipelines []ProjectPipeline

	// projects are those that the stanza is for.
	projects []scheduler.ProjectName
	branches Attr[[]scheduler.Pattern]
}

// ProjectPipeline is what a stanza says about one pipeline.
type ProjectPipeline struct {
	Name     scheduler.PipelineName
	Source   Source
	Jobs     []ProjectJob
	FailFast Attr[bool]
	Debug    bool
}

// ProjectJob is a job of a project's pipeline with its variants in order.
type ProjectJob struct {
	Name     scheduler.JobName
	Variants []*Job
}

// Pipeline returns what the stanza says about a pipeline, or nil.
func (s *ProjectStanza) Pipeline(name scheduler.PipelineName) *ProjectPipeline {
	for i := range s.Pipelines {
		if s.Pipelines[i].Name == name {
			return &s.Pipelines[i]
		}
	}
	return nil
}

// stanzaAttrs are the attributes that projects and templates share; every
// other key is a pipeline.
func stanzaAttrs() []attribute[ProjectStanza] {
	return []attribute[ProjectStanza]{
		column("description", func(s *ProjectStanza) *string { return &s.Description }, (*decoder).text),
		column("queue", func(s *ProjectStanza) *scheduler.QueueName { return &s.Queue }, named[scheduler.QueueName]),
		column("vars", func(s *ProjectStanza) *Vars { return &s.Vars }, (*decoder).vars),
	}
}

var templateSchema = &schema[ProjectStanza]{
	noun: "project-template", other: (*decoder).projectPipeline,
	attrs: append(stanzaAttrs(), must(column("name", func(s *ProjectStanza) *string { return &s.Name }, (*decoder).word))),
}

var projectSchema = &schema[ProjectStanza]{
	noun: "project", other: (*decoder).projectPipeline,
	attrs: append(stanzaAttrs(),
		column("name", func(s *ProjectStanza) *string { return &s.Name }, (*decoder).word),
		column("templates", func(s *ProjectStanza) *[]string { return &s.Templates }, (*decoder).wordSet),
		attribute[ProjectStanza]{name: "branches", decode: func(d *decoder, v *node, s *ProjectStanza) {
			if patterns, ok := d.patterns(v); ok {
				s.branches = some(patterns)
			}
		}},
		column("merge-mode", func(s *ProjectStanza) *string { return &s.MergeMode }, (*decoder).mergeMode),
		idle(column("default-branch", func(s *ProjectStanza) *string { return &s.DefaultBranch }, (*decoder).word), "the source's default branch is used yet"),
	),
}

func (d *decoder) mergeMode(v *node) (string, bool) {
	mode, ok := oneOf("merge", "merge-resolve", "cherry-pick", "squash-merge", "rebase")(d, v)
	if ok && mode != "merge" && mode != "merge-resolve" {
		d.report(v, CodeIdleAttribute, "project attribute %q has no effect: changes are merged with a merge commit yet, not by %s", "merge-mode", mode)
	}
	return mode, ok
}

// template reads one "project-template" of a file.
func (d *decoder) template(v *node) (*ProjectStanza, bool) {
	s := &ProjectStanza{Template: true, Source: d.source(v)}
	return s, templateSchema.decode(d, v, s)
}

// project reads one "project" of a file.
func (d *decoder) projectStanza(v *node) (*ProjectStanza, bool) {
	s := &ProjectStanza{Source: d.source(v)}
	if !projectSchema.decode(d, v, s) {
		return nil, false
	}
	s.Branches.Patterns = s.branches.Value
	at := v.get("name")
	if at == nil {
		own := d.tenant.Project(string(d.project))
		s.Name, s.projects = own.Name, []scheduler.ProjectName{own.Canonical}
		return s, true
	}
	return s, d.stanzaProjects(at, s)
}

// stanzaProjects finds the projects that a stanza is for, and refuses those
// that its file may not configure.
func (d *decoder) stanzaProjects(at *node, s *ProjectStanza) bool {
	if !strings.HasPrefix(s.Name, "^") {
		p, ok := d.projectOf(at)
		if !ok {
			return false
		}
		s.projects = []scheduler.ProjectName{p.Canonical}
	} else {
		pattern, ok := d.compile(at, s.Name, false)
		if !ok {
			return false
		}
		for _, p := range d.tenant.Projects {
			if pattern.Match(p.Name) || pattern.Match(string(p.Canonical)) {
				s.projects = append(s.projects, p.Canonical)
			}
		}
	}
	if i := slices.IndexFunc(s.projects, func(p scheduler.ProjectName) bool { return !d.mayConfigure(p) }); i >= 0 {
		return d.hinted(at, CodeProjectForbidden, "move it to a config-project", "%s may not configure the project %s", d.project, s.projects[i])
	}
	return true
}

// mayConfigure reports whether the file may hold a stanza for a project.
func (d *decoder) mayConfigure(name scheduler.ProjectName) bool {
	if d.trusted || name == d.project {
		return true
	}
	own, other := d.tenant.Project(string(d.project)), d.tenant.Project(string(name))
	return !other.Trusted && (matchesAny(own.ConfigureProjects, other.Name) || matchesAny(own.ConfigureProjects, string(other.Canonical)))
}

var projectPipelineSchema = &schema[ProjectPipeline]{noun: "pipeline of a project", attrs: []attribute[ProjectPipeline]{
	column("jobs", func(p *ProjectPipeline) *[]ProjectJob { return &p.Jobs }, (*decoder).projectJobs),
	attribute[ProjectPipeline]{name: "fail-fast", decode: func(d *decoder, v *node, p *ProjectPipeline) {
		if b, ok := d.boolean(v); ok {
			p.FailFast = some(b)
		}
	}},
	column("debug", func(p *ProjectPipeline) *bool { return &p.Debug }, (*decoder).boolean),
	idle(accepted[ProjectPipeline]("queue"), "the queue is an attribute of the project"),
}}

// projectPipeline reads a key of a stanza that is a pipeline's name.
func (d *decoder) projectPipeline(key, v *node, s *ProjectStanza) {
	d.takes("null")
	p := ProjectPipeline{Name: scheduler.PipelineName(key.text), Source: d.source(key)}
	names := projectSchemaNames
	if s.Template {
		names = templateSchemaNames
	}
	if v.kind != mapNode && !(v.kind == scalarNode && v.tag == "!!null") {
		d.hinted(key, CodeUnknownKey, didYouMean(key.text, names), "%q is no attribute, and no pipeline since %s follows", key.text, describe(v))
		return
	}
	if v.kind != mapNode || projectPipelineSchema.decode(d, v, &p) {
		s.Pipelines = append(s.Pipelines, p)
	}
}

var (
	templateSchemaNames = []string{"name", "description", "queue", "vars"}
	projectSchemaNames  = append([]string{"templates", "branches", "merge-mode", "default-branch"}, templateSchemaNames...)
)

// projectJobs reads the jobs of a project's pipeline: names, or mappings of a
// name to the attributes of a variant.
func (d *decoder) projectJobs(v *node) ([]ProjectJob, bool) {
	if d.probe != nil {
		d.probeList(func(d *decoder, v *node) { d.projectJob(v) })
		return nil, true
	}
	var jobs jobList
	good := true
	for _, item := range items(v) {
		j, ok := d.projectJob(item)
		if !ok {
			good = false
			continue
		}
		jobs.add(j)
	}
	return jobs.list, good
}

// jobList collects the jobs of a pipeline by name, in order of appearance.
type jobList struct {
	list []ProjectJob
	at   map[scheduler.JobName]int
	have map[*Job]bool
}

// add appends a variant, once.
func (l *jobList) add(j *Job) {
	if l.at == nil {
		l.at, l.have = map[scheduler.JobName]int{}, map[*Job]bool{}
	}
	if l.have[j] {
		return
	}
	l.have[j] = true
	i, ok := l.at[j.Name]
	if !ok {
		i = len(l.list)
		l.at[j.Name] = i
		l.list = append(l.list, ProjectJob{Name: j.Name})
	}
	l.list[i].Variants = append(l.list[i].Variants, j)
}

func (d *decoder) projectJob(v *node) (*Job, bool) {
	if d.probe != nil {
		d.probe.add("string", "number")
		d.probe.values = d.probed(func(d *decoder, v *node) {
			d.takes("null")
			variantSchema.decode(d, v, &Job{})
		})
		return &Job{}, true
	}
	j := &Job{Source: d.source(v), variant: true}
	if v.kind != mapNode {
		var ok bool
		j.Name, ok = named[scheduler.JobName](d, v)
		return j, ok
	}
	if len(v.pairs) != 1 {
		return nil, d.hinted(v, CodeWrongType, "indent the attributes below the job's name", "a job of a pipeline is a name, or a mapping of one name to attributes")
	}
	key, attrs := v.pairs[0].key, v.pairs[0].value
	j.Name = scheduler.JobName(key.text)
	if attrs.kind == scalarNode && attrs.tag == "!!null" {
		return j, true
	}
	return j, variantSchema.decode(d, attrs, j) && d.finishJob(attrs, j)
}

// variantSchema reads the attributes of a job in a project's pipeline, where
// its name stands outside.
var variantSchema = func() *schema[Job] {
	s := &schema[Job]{noun: "job", attrs: []attribute[Job]{
		idle(accepted[Job]("name"), "the job's name stands before its attributes"),
	}}
	for _, a := range jobAttrs {
		s.attrs = append(s.attrs, a.attribute)
	}
	return s
}()
