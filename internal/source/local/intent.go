package local

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// intent is a move of refs that is written down before it is made, so that a
// crash in the middle neither loses the events that it causes nor leaves it
// half done.
type intent struct {
	ID    string
	Moves []refMove
	// User pushed the refs; empty for a report.
	User string
	// Report is what is recorded together with the moves, if any.
	Report *source.Report
}

// refMove moves one ref. Zeros stand for no commit.
type refMove struct {
	Project  string
	Ref      string
	Old, New string
	// Config says that configuration files differ.
	Config bool
}

// carryOut writes an intent down, moves its refs and records the result. It
// needs the source's lock. After an error the outcome is open: the intent
// stays and is finished by a repetition or at the next start.
func (s *Source) carryOut(ctx context.Context, in *intent) (source.Outcome, error) {
	err := s.db.Update(func(tx *bbolt.Tx) error { return put(tx, bucketIntents, []byte(in.ID), in) })
	if err != nil {
		return source.Outcome{}, fmt.Errorf("write down %s: %w", in.ID, err)
	}
	return s.finish(ctx, in)
}

// finish makes an intent's moves as far as they are not made, and records the
// result.
func (s *Source) finish(ctx context.Context, in *intent) (source.Outcome, error) {
	out := source.Outcome{Merged: true}
	var refused *movedError
	if err := s.makeMoves(ctx, in.Moves); errors.As(err, &refused) {
		out = source.Outcome{Stale: true, Detail: refused.Error()}
	} else if err != nil {
		return source.Outcome{}, fmt.Errorf("carry out %s: %w", in.ID, err)
	}
	err := s.db.Update(func(tx *bbolt.Tx) error { return s.recordIntent(tx, in, out) })
	if err != nil {
		return source.Outcome{}, fmt.Errorf("record %s: %w", in.ID, err)
	}
	s.wakeOutbox()
	return out, nil
}

func (s *Source) recordIntent(tx *bbolt.Tx, in *intent, out source.Outcome) error {
	if err := tx.Bucket(bucketIntents).Delete([]byte(in.ID)); err != nil {
		return err
	}
	if out.Merged {
		for _, m := range in.Moves {
			if err := s.emit(tx, s.refEvent(m, in.User)); err != nil {
				return err
			}
		}
	}
	if in.Report == nil {
		return nil
	}
	return s.recordReport(tx, *in.Report, out)
}

// refEvent is the event of a ref that moved.
func (s *Source) refEvent(m refMove, user string) scheduler.TriggerEvent {
	branch, isBranch := strings.CutPrefix(m.Ref, "refs/heads/")
	if !isBranch {
		branch = ""
	}
	created, deleted := git.IsZero(m.Old), git.IsZero(m.New)
	return scheduler.TriggerEvent{
		Type: "ref-updated",
		Ref: scheduler.Ref{
			Connection: s.cfg.Connection, Project: source.ProjectName(s.CanonicalHost(), m.Project), Name: m.Project,
			Branch: branch, Ref: m.Ref, OldRev: m.Old, NewRev: m.New, URL: s.public.String() + "/git/" + m.Project,
		},
		Username:      user,
		BranchCreated: isBranch && created,
		BranchDeleted: isBranch && deleted,
		BranchUpdated: isBranch && !created && !deleted,
		ConfigChanged: isBranch && m.Config,
	}
}

// movedError says that a ref was not where it had to be; nothing has moved.
type movedError struct{ detail string }

func (e *movedError) Error() string { return e.detail }

// makeMoves moves refs that are not yet where they should be, all or none: the
// refs of one project in one transaction of git, and the projects that are
// done are moved back when a later one refuses.
func (s *Source) makeMoves(ctx context.Context, moves []refMove) error {
	for i, project := range projectsOf(moves) {
		err := s.moveProject(ctx, project, movesOf(moves, project))
		var refused *movedError
		if !errors.As(err, &refused) {
			if err != nil {
				return err
			}
			continue
		}
		for _, done := range projectsOf(moves)[:i] {
			if err := s.moveBack(ctx, done, movesOf(moves, done)); err != nil {
				return err
			}
		}
		return refused
	}
	return nil
}

func (s *Source) moveProject(ctx context.Context, project string, moves []refMove) error {
	repo, err := s.repo(ctx, project)
	if err != nil {
		if isRefusal(err) {
			return &movedError{err.Error()}
		}
		return err
	}
	updates, err := openUpdates(ctx, repo, moves)
	if err != nil || len(updates) == 0 {
		return err
	}
	moved := repo.UpdateRefs(ctx, updates...)
	if !errors.Is(moved, git.ErrRefMoved) {
		return moved
	}
	// A process that outlived the last crash may just have done it.
	if updates, err = openUpdates(ctx, repo, moves); err != nil || len(updates) == 0 {
		return err
	}
	return &movedError{fmt.Sprintf("Project %s could not be updated: %s.", project, moved)}
}

// openUpdates are the updates of moves that are not made yet.
func openUpdates(ctx context.Context, repo git.Repo, moves []refMove) ([]git.RefUpdate, error) {
	var updates []git.RefUpdate
	for _, m := range moves {
		tip, err := repo.Resolve(ctx, m.Ref)
		if errors.Is(err, git.ErrMissing) {
			tip, err = git.Zero(m.New), nil
		}
		switch {
		case err != nil:
			return nil, err
		case tip == m.New:
			continue
		case tip != m.Old:
			if on, err := contains(ctx, repo, tip, m.New); on || err != nil {
				if err != nil {
					return nil, err
				}
				continue
			}
			return nil, &movedError{fmt.Sprintf("%s of %s has moved to %s, so the tested commit no longer fits on it.", m.Ref, m.Project, short(tip))}
		}
		u := git.RefUpdate{Name: m.Ref, New: m.New, Old: m.Old}
		if git.IsZero(m.New) {
			u.New = ""
		}
		updates = append(updates, u)
	}
	return updates, nil
}

// contains reports whether a commit is on the branch with the given tip.
func contains(ctx context.Context, repo git.Repo, tip, commit string) (bool, error) {
	if git.IsZero(tip) || git.IsZero(commit) {
		return false, nil
	}
	return repo.IsAncestor(ctx, commit, tip)
}

// moveBack undoes moves of a project whose refs are still where they were put.
func (s *Source) moveBack(ctx context.Context, project string, moves []refMove) error {
	repo, err := s.repo(ctx, project)
	if err != nil {
		return err
	}
	for _, m := range moves {
		u := git.RefUpdate{Name: m.Ref, New: m.Old, Old: m.New}
		if git.IsZero(m.Old) {
			u.New = ""
		}
		if err := repo.UpdateRefs(ctx, u); err != nil && !errors.Is(err, git.ErrRefMoved) {
			return err
		}
	}
	return nil
}

func (s *Source) repo(ctx context.Context, project string) (git.Repo, error) {
	dir, err := s.Repository(ctx, project)
	if err != nil {
		return git.Repo{}, err
	}
	return s.cfg.Git.Repo(dir), nil
}

func projectsOf(moves []refMove) []string {
	var projects []string
	seen := map[string]bool{}
	for _, m := range moves {
		if !seen[m.Project] {
			seen[m.Project] = true
			projects = append(projects, m.Project)
		}
	}
	return projects
}

func movesOf(moves []refMove, project string) []refMove {
	var own []refMove
	for _, m := range moves {
		if m.Project == project {
			own = append(own, m)
		}
	}
	return own
}
