// Package check reads a tenant file and the repositories that it names from
// directories and tells what is wrong with them, without a server.
package check

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// Options say what to check.
type Options struct {
	TenantFile string
	// Tenant limits the check to one tenant; empty checks all.
	Tenant scheduler.TenantName
	// Projects is the directory of the repositories: a project stands at
	// <connection>/<name>, as a git repository (with or without work tree) or
	// as a plain directory.
	Projects string
	// Branch is the branch that a plain directory stands for; empty is master.
	Branch string
	// Connections of the system; nil takes every connection for a local one.
	Connections tenants.Connections
}

// Report is the outcome of a check.
type Report struct {
	Tenants []Tenant
	// Problems of the tenant file and of all tenants, each once.
	Problems tenants.Diagnostics
}

// Tenant sums up a tenant that was checked.
type Tenant struct {
	Name                      scheduler.TenantName
	Pipelines, Jobs, Projects int
}

// OK reports whether there is no error; warnings are allowed.
func (r *Report) OK() bool { return !r.Problems.HasErrors() }

// Run checks what o names. The error is about reading, not about what was read.
func Run(ctx context.Context, o Options) (*Report, error) {
	data, err := readCapped(o.TenantFile)
	if err != nil {
		return nil, fmt.Errorf("read tenant file: %w", err)
	}
	found, problems := tenants.ParseTenants(o.TenantFile, data, o.Connections)
	r := &Report{Problems: problems}
	known := false
	for _, t := range found {
		if o.Tenant != "" && t.Name != o.Tenant {
			continue
		}
		known = true
		if err := r.add(ctx, t, o); err != nil {
			return nil, err
		}
	}
	if o.Tenant != "" && !known && r.OK() {
		return nil, fmt.Errorf("%s defines no tenant %q", o.TenantFile, o.Tenant)
	}
	return r, nil
}

// add loads one tenant.
func (r *Report) add(ctx context.Context, t *tenants.Tenant, o Options) error {
	var branches []tenants.ProjectBranch
	for _, p := range t.Projects {
		read, found, err := readProject(ctx, p, o)
		if err != nil {
			return fmt.Errorf("read project %s: %w", p.Name, err)
		}
		if !found {
			dir := filepath.Join(o.Projects, string(p.Connection), p.Name)
			r.merge(tenants.Diagnostics{tenants.MissingProject(p, dir)})
		}
		branches = append(branches, read...)
	}
	layout, problems := t.Load(branches)
	r.merge(problems)
	r.merge(layout.FreezeAll())
	r.Tenants = append(r.Tenants, Tenant{Name: t.Name, Pipelines: len(layout.Pipelines()), Jobs: len(layout.Jobs()), Projects: len(t.Projects)})
	return nil
}

// merge adds the problems that r does not have yet: projects are shared
// between tenants.
func (r *Report) merge(more tenants.Diagnostics) {
	r.Problems = append(r.Problems, more...).Sorted()
}

// readProject reads all branches of a project; found is false without a
// directory for it.
func readProject(ctx context.Context, p *tenants.TenantProject, o Options) (read []tenants.ProjectBranch, found bool, err error) {
	dir := filepath.Join(o.Projects, string(p.Connection), filepath.FromSlash(p.Name))
	if !filepath.IsLocal(filepath.Join(string(p.Connection), filepath.FromSlash(p.Name))) {
		return nil, false, nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, false, nil
	}
	repo := openRepository(dir, o.Branch)
	branches, err := repo.Branches(ctx)
	if err != nil {
		return nil, true, err
	}
	names := make([]string, len(branches))
	for i, b := range branches {
		names[i] = b.Name
	}
	loaded := p.Loaded(names)
	for _, b := range branches {
		pb := tenants.ProjectBranch{Project: p.Canonical, Branch: b.Name, Default: b.Default}
		if slices.Contains(loaded, b.Name) {
			if pb.Files, err = repo.Files(ctx, b.Name, p.IsConfigFile); err != nil {
				return nil, true, err
			}
		}
		read = append(read, pb)
	}
	return read, true, nil
}
