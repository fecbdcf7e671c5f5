package app

import (
	"context"
	"errors"
	"strings"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// concerning is an event as it concerns a tenant: sources do not know which
// branches and which further files a tenant reads (Zuul semantics, section 1.3).
func (a *App) concerning(ctx context.Context, p *tenants.TenantProject, e scheduler.TriggerEvent) scheduler.TriggerEvent {
	if e.Ref.Branch == "" || !e.BranchCreated && !e.BranchDeleted && !e.BranchUpdated {
		return e
	}
	if !p.Concerns(e.Ref.Branch, e.BranchDeleted) {
		e.Unread = true
		return e
	}
	if e.BranchUpdated && !e.ConfigChanged {
		e.ConfigChanged = p.AlwaysDynamic(e.Ref.Branch) || a.extraChanged(ctx, p, e.Ref)
	}
	return e
}

// extraChanged reports whether an update of a branch touched one of the
// project's extra-config-paths. What can't be found out counts as touched.
func (a *App) extraChanged(ctx context.Context, p *tenants.TenantProject, ref scheduler.Ref) bool {
	if len(p.ExtraConfigPaths) == 0 {
		return false
	}
	dir, err := a.sources.Repository(ctx, p.Canonical)
	if err != nil || ref.OldRev == "" || ref.NewRev == "" {
		return true
	}
	repo := a.git.Repo(dir)
	for _, path := range p.ExtraConfigPaths {
		path = strings.TrimSuffix(path, "/")
		before, err := at(ctx, repo, ref.OldRev, path)
		if err != nil {
			return true
		}
		now, err := at(ctx, repo, ref.NewRev, path)
		if err != nil || before != now {
			return true
		}
	}
	return false
}

// at is the object at a path of a commit; empty where there is none.
func at(ctx context.Context, repo git.Repo, commit, path string) (string, error) {
	if _, err := repo.Resolve(ctx, commit+"^{commit}"); err != nil {
		return "", err
	}
	object, err := repo.Resolve(ctx, commit+":"+path)
	if errors.Is(err, git.ErrMissing) {
		return "", nil
	}
	return object, err
}
