package tenants

import (
	"cmp"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// playbookForm is a playbook written as a mapping.
type playbookForm struct {
	name       string
	semaphores []scheduler.SemaphoreName
	cleanup    bool
}

var playbookSchema = &schema[playbookForm]{noun: "playbook", attrs: []attribute[playbookForm]{
	must(column("name", func(p *playbookForm) *string { return &p.name }, (*decoder).word)),
	column("semaphores", func(p *playbookForm) *[]scheduler.SemaphoreName { return &p.semaphores }, listOf(named[scheduler.SemaphoreName])),
	column("cleanup", func(p *playbookForm) *bool { return &p.cleanup }, (*decoder).boolean),
}}

func (d *decoder) playbooks(v *node) ([]Playbook, bool) {
	return listOf(func(d *decoder, v *node) (Playbook, bool) {
		var f playbookForm
		ok := false
		if v.kind == mapNode {
			ok = playbookSchema.decode(d, v, &f)
		} else {
			f.name, ok = d.word(v)
		}
		if ok && !localPath(f.name) {
			return Playbook{}, d.report(v, CodeBadValue, "the path %q leads out of the repository", f.name)
		}
		return Playbook{Path: f.name, Source: d.source(v), Cleanup: f.cleanup, Semaphores: slices.Sorted(slices.Values(union(nil, f.semaphores)))}, ok
	})(d, v)
}

func (d *decoder) cleanupPlaybooks(v *node) ([]Playbook, bool) {
	d.hinted(v, CodeCleanupRun, "write post-run with {name: ..., cleanup: true}", "cleanup-run is deprecated")
	books, ok := d.playbooks(v)
	for i := range books {
		books[i].Cleanup = true
	}
	return books, ok
}

// roleForm is a role repository as it is written.
type roleForm struct {
	zuul   scheduler.ProjectName
	galaxy string
	name   string
}

var roleSchema = &schema[roleForm]{noun: "role", attrs: []attribute[roleForm]{
	column("zuul", func(r *roleForm) *scheduler.ProjectName { return &r.zuul }, (*decoder).projectName),
	column("galaxy", func(r *roleForm) *string { return &r.galaxy }, (*decoder).word),
	column("name", func(r *roleForm) *string { return &r.name }, (*decoder).word),
}}

func (d *decoder) roles(v *node) ([]Role, bool) {
	return listOf(func(d *decoder, v *node) (Role, bool) {
		var f roleForm
		if !roleSchema.decode(d, v, &f) {
			return Role{}, false
		}
		if f.zuul == "" && f.galaxy == "" {
			return Role{}, d.report(v, CodeMissingKey, "role needs the attribute %q", "zuul")
		}
		return Role{TargetName: cmp.Or(f.name, lastPart(string(f.zuul))), Project: f.zuul}, true
	})(d, v)
}

var jobSecretSchema = &schema[JobSecret]{noun: "secret of a job", attrs: []attribute[JobSecret]{
	must(column("secret", func(s *JobSecret) *string { return &s.Name }, (*decoder).word)),
	must(column("name", func(s *JobSecret) *string { return &s.Alias }, (*decoder).word)),
	column("pass-to-parent", func(s *JobSecret) *bool { return &s.PassToParent }, (*decoder).boolean),
}}

func (d *decoder) jobSecrets(v *node) ([]JobSecret, bool) {
	return listOf(func(d *decoder, v *node) (JobSecret, bool) {
		if v.kind != mapNode {
			name, ok := d.word(v)
			return JobSecret{Name: name, Alias: name}, ok
		}
		var s JobSecret
		return s, jobSecretSchema.decode(d, v, &s)
	})(d, v)
}

// includeForm is a file of variables as it is written.
type includeForm struct {
	IncludeVars
	zuulProject bool
}

var includeSchema = &schema[includeForm]{noun: "include-vars", attrs: []attribute[includeForm]{
	must(column("name", func(i *includeForm) *string { return &i.Name }, (*decoder).word)),
	column("project", func(i *includeForm) *scheduler.ProjectName { return &i.Project }, (*decoder).projectName),
	column("zuul-project", func(i *includeForm) *bool { return &i.zuulProject }, (*decoder).boolean),
	column("required", func(i *includeForm) *bool { return &i.Required }, (*decoder).boolean),
	column("use-ref", func(i *includeForm) *bool { return &i.UseRef }, (*decoder).boolean),
}}

func (d *decoder) includeVars(v *node) (IncludeVars, bool) {
	f := includeForm{IncludeVars: IncludeVars{Project: d.project, Required: true, UseRef: true}}
	if v.kind != mapNode {
		name, ok := d.word(v)
		f.Name = name
		return f.IncludeVars, ok
	}
	ok := includeSchema.decode(d, v, &f)
	if f.zuulProject {
		f.Project = ""
	}
	return f.IncludeVars, ok
}
