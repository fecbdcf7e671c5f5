package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// A directory of fixtures is laid out as in Zuul's suite. Below config, each
// YAML file that is not below a directory called git is a tenant file, and the
// projects of its tenants stand in git/<name> beside it, with "_" for every "/"
// in the name; a project without a directory is empty. Below layouts, each YAML
// file is the zuul.yaml of a config-project; the tenant is made for it, with
// the projects that it has stanzas for. All of them have the branch master
// only. The list of what is expected knows which files are for another fixture.
const (
	configDir  = "config"
	layoutsDir = "layouts"
	gitDir     = "git"
	branchName = "master"
	// commonName is the config-project that layouts stand in.
	commonName = "org/common-config"
)

// fixture is one configuration.
type fixture struct {
	// name is the path of its file from the directory of fixtures.
	name string
	root string
}

// findFixtures lists the fixtures below dir by name.
func findFixtures(dir string) ([]*fixture, error) {
	var out []*fixture
	err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if e.Name() == gitDir {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		top, _, _ := strings.Cut(name, "/")
		if (top == configDir || top == layoutsDir) && slices.Contains([]string{".yaml", ".yml"}, path.Ext(name)) {
			out = append(out, &fixture{name: name, root: dir})
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s has neither %s/*.yaml nor %s/*.yaml", dir, configDir, layoutsDir)
	}
	return out, err
}

// load returns all diagnostics of the fixture.
func (f *fixture) load(want expectation) (tenants.Diagnostics, error) {
	data, err := f.read(f.name)
	if err != nil {
		return nil, err
	}
	switch {
	case want.tenantFile != "":
		of := &fixture{name: want.tenantFile, root: f.root}
		file, err := of.read(of.name)
		if err != nil {
			return nil, err
		}
		return check(of.name, file, want.connections, replaced(want.project, data, of.project))
	case strings.HasPrefix(f.name, layoutsDir+"/"):
		return check(f.name, tenantFor(data, want.source()), want.connections, replaced(commonName, data, nothing))
	}
	return check(f.name, data, want.connections, f.project)
}

func (f *fixture) read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(f.root, filepath.FromSlash(name)))
}

// reader returns the files of a project.
type reader func(*tenants.TenantProject) ([]tenants.File, error)

func nothing(*tenants.TenantProject) ([]tenants.File, error) { return nil, nil }

// replaced gives one project one file.
func replaced(project string, data []byte, others reader) reader {
	return func(p *tenants.TenantProject) ([]tenants.File, error) {
		if p.Name == project {
			return []tenants.File{{Path: "zuul.yaml", Data: data}}, nil
		}
		return others(p)
	}
}

// check loads the tenants of a tenant file.
func check(name string, data []byte, connections tenants.Connections, read reader) (tenants.Diagnostics, error) {
	found, problems := tenants.ParseTenants(path.Base(name), data, connections)
	for _, t := range found {
		var branches []tenants.ProjectBranch
		for _, p := range t.Projects {
			files, err := read(p)
			if err != nil {
				return nil, err
			}
			branches = append(branches, tenants.ProjectBranch{Project: p.Canonical, Branch: branchName, Default: true, Files: files})
		}
		layout, more := t.Load(branches)
		problems = slices.Concat(problems, more, layout.FreezeAll())
	}
	return problems.Sorted(), nil
}

// project reads the files of a project, from the nearest directory git.
func (f *fixture) project(p *tenants.TenantProject) ([]tenants.File, error) {
	at := filepath.Join(f.root, filepath.FromSlash(path.Dir(f.name)), gitDir, strings.ReplaceAll(p.Name, "/", "_"))
	var out []tenants.File
	err := filepath.WalkDir(at, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(at, file)
		if err != nil || !p.IsConfigFile(filepath.ToSlash(rel)) {
			return err
		}
		data, err := os.ReadFile(file)
		out = append(out, tenants.File{Path: filepath.ToSlash(rel), Data: data})
		return err
	})
	if os.IsNotExist(err) {
		err = nil
	}
	return out, err
}

// tenantFor makes a tenant file for a layout: every project that it has a
// stanza for is an untrusted one.
func tenantFor(layout []byte, source scheduler.ConnectionName) []byte {
	names := slices.DeleteFunc(tenants.StanzaNames(layout), func(n string) bool { return n == commonName })
	return tenantOf(source, names)
}

const everything = "include: [pipeline, job, semaphore, project, project-template, nodeset, secret, queue, image, flavor, label, section, provider]"

func tenantOf(source scheduler.ConnectionName, names []string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "- tenant:\n    name: tenant-one\n    source:\n      %s:\n        config-projects:\n          - %s: {%s}\n", source, commonName, everything)
	if len(names) > 0 {
		b.WriteString("        untrusted-projects:\n")
	}
	for _, name := range names {
		fmt.Fprintf(&b, "          - %q: {%s}\n", name, everything)
	}
	return b.Bytes()
}
