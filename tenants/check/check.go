// Package check reads a tenant file and the repositories that it names from
// directories and tells what is wrong with them, without a server.
package check

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gozer-ci/gozer/internal/tenantfile"
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
	// File are the problems of the tenant file that are of no tenant.
	File tenants.Diagnostics
}

// Tenant sums up a tenant that was checked.
type Tenant struct {
	Name                      scheduler.TenantName
	Pipelines, Jobs, Projects int
	// Problems of its block of the tenant file and of its projects.
	Problems tenants.Diagnostics
	// Layout is nil when the tenant's block of the tenant file is broken.
	Layout *tenants.Layout
}

// OK reports whether there is no error; warnings are allowed.
func (r *Report) OK() bool { return !r.Problems().HasErrors() }

// Problems returns those of the tenant file and of all tenants, each once:
// projects are shared between tenants.
func (r *Report) Problems() tenants.Diagnostics {
	all := slices.Clone(r.File)
	for _, t := range r.Tenants {
		all = append(all, t.Problems...)
	}
	return all.Sorted()
}

// Run checks what o names. The error is about reading, not about what was read.
func Run(ctx context.Context, o Options) (*Report, error) {
	data, err := tenantfile.Read(ctx, o.TenantFile)
	if err != nil {
		return nil, fmt.Errorf("read tenant file: %w", err)
	}
	file := tenants.ParseTenantFile(o.TenantFile, data, o.Connections)
	r := &Report{File: slices.Clone(file.Problems)}
	for _, b := range file.Blocks {
		r.File = slices.DeleteFunc(r.File, func(d tenants.Diagnostic) bool { return slices.Contains(b.Problems, d) })
		if o.Tenant != "" && b.Name != o.Tenant {
			continue
		}
		t, err := checkTenant(ctx, b, o)
		if err != nil {
			return nil, err
		}
		r.Tenants = append(r.Tenants, t)
	}
	if o.Tenant != "" && len(r.Tenants) == 0 && r.OK() {
		return nil, fmt.Errorf("%s defines no tenant %q", o.TenantFile, o.Tenant)
	}
	return r, nil
}

// checkTenant loads one tenant.
func checkTenant(ctx context.Context, b tenants.TenantBlock, o Options) (Tenant, error) {
	out := Tenant{Name: b.Name, Problems: b.Problems}
	if b.Tenant == nil {
		return out, nil
	}
	var branches []tenants.ProjectBranch
	for _, p := range b.Tenant.Projects {
		read, found, err := readProject(ctx, p, o)
		if err != nil {
			return out, fmt.Errorf("read project %s: %w", p.Name, err)
		}
		if !found {
			dir := filepath.Join(o.Projects, string(p.Connection), p.Name)
			out.Problems = append(out.Problems, tenants.MissingProject(p, dir))
		}
		branches = append(branches, read...)
	}
	layout, problems := b.Tenant.Load(branches)
	out.Layout, out.Projects = layout, len(b.Tenant.Projects)
	out.Pipelines, out.Jobs = len(layout.Pipelines()), len(layout.Jobs())
	out.Problems = slices.Concat(out.Problems, problems, layout.FreezeAll()).Sorted()
	return out, nil
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
