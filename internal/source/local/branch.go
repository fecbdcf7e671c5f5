package local

import (
	"context"
	"errors"
	"strings"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
)

// pushBranch handles a push to a branch itself, past review.
func (p *push) pushBranch(ctx context.Context, c command) error {
	p.source.mu.Lock()
	defer p.source.mu.Unlock()
	tip, err := p.repo.Resolve(ctx, c.ref)
	if errors.Is(err, git.ErrMissing) {
		tip, err = git.Zero(c.new), nil
	}
	if err != nil {
		return err
	}
	if err := p.checkBranch(ctx, c, tip); err != nil {
		return err
	}
	if !git.IsZero(c.new) {
		if err := p.checkCommit(ctx, c.new); err != nil {
			return err
		}
	}
	return p.moveRef(ctx, refMove{Project: p.project.Name, Ref: c.ref, Old: tip, New: c.new})
}

// checkBranch says whether the user may push the branch, and if not, what to
// do instead.
func (p *push) checkBranch(ctx context.Context, c command, tip string) error {
	branch, project := strings.TrimPrefix(c.ref, "refs/heads/"), p.project.Name
	gated := p.source.cfg.Gated == nil || p.source.cfg.Gated(project, branch)
	switch {
	case c.old != tip:
		return refusal(source.CodeConflict, "branch %s has moved; fetch first", branch)
	case git.IsZero(tip) && git.IsZero(c.new):
		return refusal(source.CodeNotFound, "project %s has no branch %s", project, branch)
	case git.IsZero(c.new) && !p.user.Admin:
		return refusal(source.CodeForbidden, "only an administrator may delete branch %s of %s", branch, project)
	case git.IsZero(c.new):
		return nil
	case git.IsZero(tip) && !p.user.Admin:
		return p.checkFirst(ctx, branch)
	case !git.IsZero(tip) && gated:
		return refusal(source.CodeForbidden, "branch %s of %s is gated; propose a change instead: git push origin HEAD:refs/for/%s", branch, project, branch)
	}
	return nil
}

// checkFirst lets anybody make the first branch of an empty project.
func (p *push) checkFirst(ctx context.Context, branch string) error {
	refs, err := p.repo.Refs(ctx, "refs/heads/")
	if err != nil {
		return err
	}
	if len(refs) > 0 {
		return refusal(source.CodeForbidden, "only an administrator may create branch %s of %s; to propose a change, push to refs/for/<branch>", branch, p.project.Name)
	}
	return nil
}

// pushTag handles a push of a tag. Tags never move.
func (p *push) pushTag(ctx context.Context, c command) error {
	p.source.mu.Lock()
	defer p.source.mu.Unlock()
	_, err := p.repo.Resolve(ctx, c.ref)
	exists := err == nil
	switch {
	case err != nil && !errors.Is(err, git.ErrMissing):
		return err
	case !p.user.Admin:
		return refusal(source.CodeForbidden, "only an administrator may push tags to %s", p.project.Name)
	case exists || git.IsZero(c.new):
		return refusal(source.CodeForbidden, "tag %s of %s can't be moved or deleted", strings.TrimPrefix(c.ref, "refs/tags/"), p.project.Name)
	}
	if err := p.checkCommit(ctx, c.new); err != nil {
		return err
	}
	return p.moveRef(ctx, refMove{Project: p.project.Name, Ref: c.ref, Old: git.Zero(c.new), New: c.new})
}

// checkCommit makes sure that a pushed object is a commit, or a tag of one.
func (p *push) checkCommit(ctx context.Context, hash string) error {
	_, err := git.Output(ctx, git.Command{
		Dir: p.repo.Dir, Env: p.objects.env(),
		Args: []string{"rev-parse", "--quiet", "--verify", "--end-of-options", hash + "^{commit}"},
	})
	return refuseGit(err, "%s is no commit", short(hash))
}

// moveRef moves a ref for a push and tells the gate about it.
func (p *push) moveRef(ctx context.Context, m refMove) error {
	if err := p.objects.accept(); err != nil {
		return err
	}
	m.Config = true // a created or deleted branch may bring or take configuration
	if !git.IsZero(m.Old) && !git.IsZero(m.New) {
		same, err := p.repo.SameEntries(ctx, m.Old, m.New, source.ConfigFiles()...)
		if err != nil {
			return err
		}
		m.Config = !same
	}
	in := &intent{ID: "push " + m.Project + " " + m.Ref, Moves: []refMove{m}, User: p.user.Name}
	out, err := p.source.carryOut(ctx, in)
	if err == nil && !out.Merged {
		err = refusal(source.CodeConflict, "%s", out.Detail)
	}
	return err
}
