package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// landing checks everything that landing a report needs, and returns the moves
// that do it. A *source.Error says why it can't be.
func (s *Source) landing(ctx context.Context, r source.Report) ([]refMove, error) {
	changes, err := s.landable(r)
	if err != nil {
		return nil, err
	}
	var moves []refMove
	for _, c := range changes {
		project := source.ProjectName(s.CanonicalHost(), c.Project)
		i := slices.IndexFunc(r.Commits, func(rc scheduler.RepoCommit) bool {
			return rc.Project == project && rc.Branch == c.Branch
		})
		if i < 0 {
			return nil, refusal(source.CodeInvalid, "No tested commit is given for branch %s of %s.", c.Branch, c.Project)
		}
		m, err := s.landingMove(ctx, c, r.Commits[i].Commit)
		if err != nil {
			return nil, err
		}
		if m.Old != m.New && !slices.Contains(moves, m) {
			moves = append(moves, m)
		}
	}
	return moves, nil
}

// landable returns the changes of a report if all of them may merge.
func (s *Source) landable(r source.Report) ([]*Change, error) {
	var changes []*Change
	err := s.db.View(func(tx *bbolt.Tx) error {
		for _, ref := range r.Refs {
			if ref.Connection != s.cfg.Connection || !ref.IsChange() {
				continue
			}
			c, err := loadChange(tx, ref.Number)
			if err != nil {
				return err
			}
			if err := s.mayLand(tx, c, ref, r); err != nil {
				return err
			}
			changes = append(changes, c)
		}
		return nil
	})
	if err == nil && len(changes) == 0 {
		err = refusal(source.CodeInvalid, "There is no change to merge.")
	}
	return changes, err
}

func (s *Source) mayLand(tx *bbolt.Tx, c *Change, ref scheduler.Ref, r source.Report) error {
	voted := c.clone()
	setVotes(voted, Robot, reportVotes(r.Votes))
	switch {
	case c.Project != ref.Name || c.Branch != ref.Branch:
		return refusal(source.CodeConflict, "Change %d is for branch %s of %s, not for %s of %s.", c.Number, c.Branch, c.Project, ref.Branch, ref.Name)
	case c.Status == StatusAbandoned:
		return refusal(source.CodeConflict, "Change %d is abandoned.", c.Number)
	case ref.Patchset != c.Current().Number:
		return refusal(source.CodeConflict, "Patchset %d of change %d was tested, but patchset %d is current.", ref.Patchset, c.Number, c.Current().Number)
	case c.Status == StatusMerged:
		return nil
	case c.Blocked():
		return refusal(source.CodeConflict, "Change %d has a veto.", c.Number)
	case len(voted.MissingLabels()) > 0:
		return refusal(source.CodeConflict, "Change %d has no positive vote for %s.", c.Number, strings.Join(voted.MissingLabels(), ", "))
	}
	for _, parent := range c.Current().Parents {
		p, err := loadChange(tx, parent.Change)
		if err != nil {
			return err
		}
		together := func(ref scheduler.Ref) bool { return ref.Number == p.Number }
		if p.Status != StatusMerged && !slices.ContainsFunc(r.Refs, together) {
			return refusal(source.CodeConflict, "Change %d, on which change %d is based, has not merged.", p.Number, c.Number)
		}
	}
	return nil
}

// landingMove checks that the tested commit is a fast-forward of the branch
// and holds the change.
func (s *Source) landingMove(ctx context.Context, c *Change, commit string) (refMove, error) {
	m := refMove{Project: c.Project, Ref: "refs/heads/" + c.Branch, New: commit}
	repo, err := s.repo(ctx, c.Project)
	if err != nil {
		return m, err
	}
	if m.Old, err = repo.Resolve(ctx, m.Ref); errors.Is(err, git.ErrMissing) {
		return m, refusal(source.CodeNotFound, "Project %s has no branch %s any more.", c.Project, c.Branch)
	} else if err != nil {
		return m, err
	}
	if _, err := repo.Commit(ctx, commit); errors.Is(err, git.ErrMissing) {
		return m, refusal(source.CodeNotFound, "The tested commit %s is not in the repository of %s.", short(commit), c.Project)
	} else if err != nil {
		return m, err
	}
	if holds, err := repo.IsAncestor(ctx, c.Current().Commit, commit); err != nil || !holds {
		return m, orRefusal(err, "The tested commit %s does not contain change %d.", short(commit), c.Number)
	}
	if fits, err := repo.IsAncestor(ctx, m.Old, commit); err != nil {
		return m, err
	} else if !fits {
		landed, err := repo.IsAncestor(ctx, commit, m.Old)
		if err != nil {
			return m, err
		}
		if !landed {
			return m, &movedError{fmt.Sprintf("Branch %s of %s has moved to %s, so the tested commit %s no longer fits on it.", c.Branch, c.Project, short(m.Old), short(commit))}
		}
		m.New = m.Old
		return m, nil
	}
	if err := s.syncLanding(ctx, repo, c, m.Old, commit); err != nil {
		return m, err
	}
	same, err := repo.SameEntries(ctx, m.Old, commit, source.ConfigFiles()...)
	m.Config = !same
	return m, err
}

// syncLanding makes the commits durable that a landing adds and that were not
// pushed: a pushed commit is durable with all that is before it.
func (s *Source) syncLanding(ctx context.Context, repo git.Repo, c *Change, tip, commit string) error {
	seen := map[string]bool{tip: true}
	for queue := []string{commit}; len(queue) > 0; queue = queue[1:] {
		if seen[queue[0]] || s.pushed(c, queue[0]) {
			continue
		}
		seen[queue[0]] = true
		made, err := repo.Commit(ctx, queue[0])
		if err != nil {
			return err
		}
		if err := repo.SyncCommit(ctx, made); err != nil {
			return fmt.Errorf("sync commit %s of %s: %w", made.Hash, c.Project, err)
		}
		queue = append(queue, made.Parents...)
	}
	return nil
}

// pushed reports whether a commit is a patchset for the change's branch.
func (s *Source) pushed(c *Change, commit string) bool {
	known := false
	_ = s.db.View(func(tx *bbolt.Tx) error { // a closed database means: not known
		known = tx.Bucket(bucketCommits).Get(joinKey(c.Project, c.Branch, commit)) != nil
		return nil
	})
	return known
}

func orRefusal(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return refusal(source.CodeConflict, format, args...)
}
