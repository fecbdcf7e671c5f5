package merger

import (
	"context"
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/scheduler"
)

// Keep protects the commits of a buildset's state from garbage collection
// until Release. Clients that fetch don't see the refs that do it.
func (m *Merger) Keep(ctx context.Context, buildset scheduler.BuildsetID, state []scheduler.RepoCommit) error {
	return m.eachRepo(ctx, buildset, state, func(ref, commit string) git.RefUpdate {
		return git.RefUpdate{Name: ref, New: commit}
	})
}

// Release ends what Keep began. State must be that given to Keep; entries that
// are gone already are no error.
func (m *Merger) Release(ctx context.Context, buildset scheduler.BuildsetID, state []scheduler.RepoCommit) error {
	return m.eachRepo(ctx, buildset, state, func(ref, _ string) git.RefUpdate {
		return git.RefUpdate{Name: ref}
	})
}

func (m *Merger) eachRepo(ctx context.Context, buildset scheduler.BuildsetID, state []scheduler.RepoCommit, update func(ref, commit string) git.RefUpdate) error {
	var errs []error
	for project, commits := range byProject(state) {
		repo, err := m.repo(ctx, project)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		var updates []git.RefUpdate
		for commit := range commits {
			updates = append(updates, update("refs/gozer/"+string(buildset)+"/"+commit, commit))
		}
		if err := repo.UpdateRefs(ctx, updates...); err != nil {
			errs = append(errs, fmt.Errorf("protect commits of buildset %s in %s: %w", buildset, project, err))
		}
	}
	return errors.Join(errs...)
}

func byProject(state []scheduler.RepoCommit) map[scheduler.ProjectName]map[string]bool {
	projects := map[scheduler.ProjectName]map[string]bool{}
	for _, c := range state {
		if projects[c.Project] == nil {
			projects[c.Project] = map[string]bool{}
		}
		projects[c.Project][c.Commit] = true
	}
	return projects
}
