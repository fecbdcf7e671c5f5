package merger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// identity is the author and committer of merge commits.
const identity = "Gozer <gozer@localhost>"

// Merge makes the state of a request. What can't be merged whatever is tried
// again, such as a conflict, a deleted branch or an unknown patchset, is a
// Result with Conflict; an error is a fault of the machine.
//
// A change whose commit descends from its base is taken as it is; any other
// gets a merge commit whose first parent is the base (Zuul documentation,
// "Project: merge-mode", merge).
func (m *Merger) Merge(ctx context.Context, req Request) (Result, error) {
	res := Result{State: slices.Clone(req.Base), Changed: map[int][]string{}}
	for i, ref := range req.Refs {
		files, known, err := m.apply(ctx, &res, ref)
		var refusal *refusal
		switch {
		case errors.As(err, &refusal):
			return Result{Conflict: true, Detail: refusal.detail, Changed: res.Changed}, nil
		case err != nil:
			return Result{}, fmt.Errorf("merge %s: %w", ref, err)
		case known:
			res.Changed[i] = files
		}
	}
	return res, nil
}

// refusal ends a merge that no second try can save.
type refusal struct {
	detail string
	cause  error // a *source.Error, or nil
}

func (r *refusal) Unwrap() error { return r.cause }

func (r *refusal) Error() string { return r.detail }

func refuse(format string, args ...any) error {
	return &refusal{detail: fmt.Sprintf(format, args...)}
}

// apply merges one ref onto res.State and returns the files it changes.
func (m *Merger) apply(ctx context.Context, res *Result, ref scheduler.Ref) (files []string, known bool, err error) {
	repo, err := m.repo(ctx, ref.Project)
	if err != nil {
		return nil, false, err
	}
	if !ref.IsChange() {
		return m.applyRevision(ctx, repo, res, ref)
	}
	base, start, err := findBase(ctx, repo, res.State, ref)
	if err != nil {
		return nil, false, err
	}
	head, err := repo.Resolve(ctx, ref.Ref+"^{commit}")
	if errors.Is(err, git.ErrMissing) {
		return nil, false, refuse("Patchset %s is not in its repository any more.", ref)
	}
	if err != nil {
		return nil, false, err
	}
	commit, err := mergeCommit(ctx, repo, ref, base, head)
	if err != nil {
		return nil, false, err
	}
	if err := m.record(ctx, repo, res, ref, commit.Hash, start); err != nil {
		return nil, false, err
	}
	files, err = changedFiles(ctx, repo, base, commit.Hash)
	return files, err == nil, err
}

// applyRevision takes a branch or tag as it is.
func (m *Merger) applyRevision(ctx context.Context, repo git.Repo, res *Result, ref scheduler.Ref) (files []string, known bool, err error) {
	if ref.NewRev != "" && git.IsZero(ref.NewRev) {
		res.State = slices.DeleteFunc(res.State, func(c scheduler.RepoCommit) bool {
			return c.Project == ref.Project && c.Branch == ref.Branch
		})
		return nil, false, nil
	}
	rev := ref.NewRev
	if rev == "" {
		rev = ref.Ref
	}
	commit, err := repo.Resolve(ctx, rev+"^{commit}")
	if errors.Is(err, git.ErrMissing) {
		return nil, false, refuse("%s of %s is not in its repository any more.", ref.Ref, ref.Name)
	}
	if err != nil {
		return nil, false, err
	}
	if err := m.record(ctx, repo, res, ref, commit, commit); err != nil {
		return nil, false, err
	}
	if ref.Branch == "" || ref.OldRev == "" || git.IsZero(ref.OldRev) {
		return nil, false, nil
	}
	files, err = changedFiles(ctx, repo, ref.OldRev, commit)
	if errors.Is(err, git.ErrMissing) {
		return nil, false, nil // the old commit is gone: its files are not known
	}
	return files, err == nil, err
}

// findBase returns the commit to merge onto and the tip that the chain began at.
func findBase(ctx context.Context, repo git.Repo, state []scheduler.RepoCommit, ref scheduler.Ref) (base, start string, err error) {
	if i := index(state, ref); i >= 0 {
		return state[i].Commit, state[i].Base, nil
	}
	tip, err := repo.Resolve(ctx, "refs/heads/"+ref.Branch)
	if errors.Is(err, git.ErrMissing) {
		return "", "", refuse("Project %s has no branch %s.", ref.Name, ref.Branch)
	}
	return tip, tip, err
}

func index(state []scheduler.RepoCommit, ref scheduler.Ref) int {
	return slices.IndexFunc(state, func(c scheduler.RepoCommit) bool {
		return c.Project == ref.Project && c.Branch == ref.Branch
	})
}

// mergeCommit returns the commit that base becomes with head merged.
func mergeCommit(ctx context.Context, repo git.Repo, ref scheduler.Ref, base, head string) (*git.Commit, error) {
	ahead, err := repo.NearAncestor(ctx, base, head)
	if err != nil || ahead {
		return commitOr(ctx, repo, head, err)
	}
	merged, err := repo.MergeTrees(ctx, base, head)
	if err != nil {
		return nil, err
	}
	if !merged.Clean {
		return nil, conflict(ref, merged)
	}
	ours, err := repo.Commit(ctx, base)
	if err != nil {
		return nil, err
	}
	theirs, err := repo.Commit(ctx, head)
	if err != nil {
		return nil, err
	}
	if kept, err := contained(ctx, repo, ours, theirs, merged.Tree); kept != nil || err != nil {
		return kept, err
	}
	return writeMerge(ctx, repo, ref, ours, theirs, merged.Tree)
}

func commitOr(ctx context.Context, repo git.Repo, hash string, err error) (*git.Commit, error) {
	if err != nil {
		return nil, err
	}
	return repo.Commit(ctx, hash)
}

// contained returns the one of two commits that contains the other, or nil. A
// merge with an ancestor gives the descendant's tree, so that any other tree
// settles the question without a walk through history.
func contained(ctx context.Context, repo git.Repo, ours, theirs *git.Commit, tree string) (*git.Commit, error) {
	if tree == theirs.Tree {
		if ok, err := repo.IsAncestor(ctx, ours.Hash, theirs.Hash); ok || err != nil {
			return theirs, err
		}
	}
	if tree == ours.Tree {
		if ok, err := repo.IsAncestor(ctx, theirs.Hash, ours.Hash); ok || err != nil {
			return ours, err
		}
	}
	return nil, nil
}

// writeMerge makes the merge commit. Everything in it follows from the two
// commits and the change, the date too, so that a repeated merge has the same hash.
func writeMerge(ctx context.Context, repo git.Repo, ref scheduler.Ref, ours, theirs *git.Commit, tree string) (*git.Commit, error) {
	message := fmt.Sprintf("Merge \"%s\"\n\nChange: %s of %s\n", theirs.Subject(), ref.ID(), ref.Name)
	date := max(ours.CommitTime, theirs.CommitTime)
	hash, err := repo.WriteCommit(ctx, tree, []string{ours.Hash, theirs.Hash}, identity, date, message)
	if err != nil {
		return nil, err
	}
	return repo.Commit(ctx, hash)
}

// maxConflictFiles bounds how many file names a detail lists.
const maxConflictFiles = 20

func conflict(ref scheduler.Ref, merged git.TreeMerge) error {
	files := merged.Files
	if len(files) == 0 {
		return refuse("Change %s does not merge: %s.", ref, strings.TrimSpace(merged.Messages))
	}
	more := ""
	if len(files) > maxConflictFiles {
		more = fmt.Sprintf(" and %d more", len(files)-maxConflictFiles)
		files = files[:maxConflictFiles]
	}
	return refuse("Change %s conflicts in %s%s.", ref, strings.Join(files, ", "), more)
}

// record replaces or adds the entry of a ref's branch.
func (m *Merger) record(ctx context.Context, repo git.Repo, res *Result, ref scheduler.Ref, commit, start string) error {
	same, err := repo.SameEntries(ctx, start, commit, source.ConfigFiles()...)
	if err != nil {
		return err
	}
	entry := scheduler.RepoCommit{Project: ref.Project, Branch: ref.Branch, Commit: commit, Base: start, Config: !same}
	if i := index(res.State, ref); i >= 0 {
		res.State[i] = entry
	} else {
		res.State = append(res.State, entry)
	}
	return nil
}

func changedFiles(ctx context.Context, repo git.Repo, base, commit string) ([]string, error) {
	from, err := repo.Commit(ctx, base)
	if err != nil {
		return nil, err
	}
	to, err := repo.Commit(ctx, commit)
	if err != nil {
		return nil, err
	}
	return repo.ChangedFiles(ctx, from.Tree, to.Tree)
}

// repo finds the repository of a project; an unknown project is a refusal.
func (m *Merger) repo(ctx context.Context, project scheduler.ProjectName) (git.Repo, error) {
	dir, err := m.repos.Repository(ctx, project)
	var unknown *source.Error
	if errors.As(err, &unknown) {
		return git.Repo{}, &refusal{detail: fmt.Sprintf("Project %s can't be merged: %s", project, unknown.Message), cause: unknown}
	}
	if err != nil {
		return git.Repo{}, err
	}
	return m.git.Repo(dir), nil
}
