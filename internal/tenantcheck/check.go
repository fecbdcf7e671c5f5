// Package tenantcheck loads a tenant file together with repositories of this
// machine, as a server would, and reports every problem. It is for authors of
// configuration: files count as they are on disk, committed or not.
package tenantcheck

import (
	"context"
	"fmt"
	"os"

	"github.com/gozer-ci/gozer/tenants"
)

// maxTenantFile bounds a tenant file.
const maxTenantFile = 16 << 20

// Result is what was found.
type Result struct {
	// Tenants counts those that can be used.
	Tenants  int
	Problems tenants.Diagnostics
}

// Check reads a tenant file. With repos, a directory that holds the projects'
// repositories under their names (work trees, or bare with or without .git at
// the end), it loads the configuration in them too. Without connections every
// source is of driver local. The error is about files that cannot be read, not
// about what is in them.
func Check(ctx context.Context, file, repos string, connections tenants.Connections) (Result, error) {
	info, err := os.Stat(file)
	if err != nil {
		return Result{}, fmt.Errorf("check tenant file: %w", err)
	}
	if info.IsDir() || info.Size() > maxTenantFile {
		return Result{}, fmt.Errorf("check tenant file: %s is not a file of at most %d bytes", file, maxTenantFile)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return Result{}, fmt.Errorf("check tenant file: %w", err)
	}
	list, problems := tenants.ParseTenants(file, data, connections)
	if repos != "" {
		for _, t := range list {
			found, err := load(ctx, t, repos)
			if err != nil {
				return Result{}, fmt.Errorf("check tenant %s: %w", t.Name, err)
			}
			problems = append(problems, found...)
		}
	}
	return Result{Tenants: len(list), Problems: problems.Sorted()}, nil
}

func load(ctx context.Context, t *tenants.Tenant, repos string) (tenants.Diagnostics, error) {
	var branches []tenants.ProjectBranch
	var missing tenants.Diagnostics
	for _, p := range t.Projects {
		found, err := read(ctx, p, repos)
		if err != nil {
			return nil, fmt.Errorf("read project %s: %w", p.Name, err)
		}
		if found == nil {
			missing = append(missing, tenants.MissingProject(p, repos))
		}
		branches = append(branches, found...)
	}
	_, problems := t.Load(branches)
	return append(missing, problems...), nil
}
