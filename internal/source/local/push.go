package local

import (
	"context"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
)

// execute carries out one command of a push.
func (p *push) execute(ctx context.Context, c command) error {
	switch {
	case strings.HasPrefix(c.ref, "refs/for/"):
		return p.propose(ctx, c)
	case !git.ValidRefName(c.ref):
		return refusal(source.CodeInvalid, "%s is no valid ref name", c.ref)
	case strings.HasPrefix(c.ref, "refs/heads/"):
		return p.pushBranch(ctx, c)
	case strings.HasPrefix(c.ref, "refs/tags/"):
		return p.pushTag(ctx, c)
	}
	return refusal(source.CodeForbidden, "only refs/for/<branch>, refs/heads/ and refs/tags/ can be pushed; for a change, push to refs/for/%s", p.project.DefaultBranch)
}

// propose makes changes and patchsets of the commits that are not on the branch.
func (p *push) propose(ctx context.Context, c command) error {
	branch, topic, err := parseFor(c.ref)
	if err != nil {
		return err
	}
	if git.IsZero(c.new) {
		return refusal(source.CodeInvalid, "a change can't be deleted by a push; abandon it instead")
	}
	p.source.mu.Lock()
	defer p.source.mu.Unlock()
	commits, err := p.newCommits(ctx, branch, c.new)
	if err != nil {
		return err
	}
	plan, err := p.plan(branch, topic, commits)
	if err != nil {
		return err
	}
	if len(plan.patchsets) == 0 {
		return refusal(source.CodeConflict, "no new changes")
	}
	if err := p.store(ctx, plan); err != nil {
		return err
	}
	p.announce(plan)
	return nil
}

// parseFor reads refs/for/<branch>%topic=x; other options are ignored.
func parseFor(ref string) (branch, topic string, err error) {
	branch, options, _ := strings.Cut(strings.TrimPrefix(ref, "refs/for/"), "%")
	branch = strings.TrimPrefix(branch, "refs/heads/")
	for option := range strings.SplitSeq(options, ",") {
		if value, ok := strings.CutPrefix(option, "topic="); ok {
			topic = oneLine(value)
		}
	}
	if !git.ValidRefName("refs/heads/" + branch) {
		return "", "", refusal(source.CodeInvalid, "%q is no branch name: push to refs/for/<branch>", oneLine(branch))
	}
	return branch, topic, nil
}

// newCommits lists the commits of a push that are not on the branch, oldest
// first. Commits that are on other branches don't count either, unless there
// is nothing else.
func (p *push) newCommits(ctx context.Context, branch, tip string) ([]*git.Commit, error) {
	target := "refs/heads/" + branch
	if _, err := p.repo.Resolve(ctx, target); err != nil {
		return nil, refusal(source.CodeNotFound, "project %s has no branch %s; an administrator or the first push makes it: git push origin HEAD:refs/heads/%s", p.project.Name, branch, branch)
	}
	commits, err := p.log(ctx, tip, "--branches")
	if err == nil && len(commits) == 0 {
		commits, err = p.log(ctx, tip, target)
	}
	if limit := p.source.cfg.Limits.Changes; err == nil && len(commits) > limit {
		return nil, refusal(source.CodeExhausted, "more than %d commits are not on branch %s; squash them or push them in parts", limit, branch)
	}
	return commits, err
}

// logFields is how many fields a record of logFormat has.
const (
	logFormat = "%H%x00%T%x00%P%x00%an <%ae>%x00%B%x00"
	logFields = 5
)

// log lists the commits up to tip without those that exclude names.
func (p *push) log(ctx context.Context, tip, exclude string) ([]*git.Commit, error) {
	out, err := git.Output(ctx, git.Command{
		Dir: p.repo.Dir, Env: p.objects.env(),
		Args: []string{
			"rev-list", "--topo-order", "--reverse", "--no-commit-header", "--format=" + logFormat,
			fmt.Sprintf("--max-count=%d", p.source.cfg.Limits.Changes+1), tip, "--not", exclude,
		},
	})
	if err != nil {
		return nil, refuseGit(err, "%s is no commit that can be reviewed", tip)
	}
	fields := strings.Split(string(out), "\x00")
	var commits []*git.Commit
	for ; len(fields) > logFields; fields = fields[logFields:] {
		commits = append(commits, &git.Commit{
			Hash: strings.TrimSpace(fields[0]), Tree: fields[1], Parents: strings.Fields(fields[2]),
			Author: strings.ToValidUTF8(fields[3], "\uFFFD"), Message: strings.ToValidUTF8(fields[4], "\uFFFD"),
		})
	}
	return commits, nil
}

// store makes a plan true: first objects and refs, which mean nothing without
// the database, then the rows and events in one transaction.
func (p *push) store(ctx context.Context, plan *plan) error {
	if err := p.objects.accept(); err != nil {
		return err
	}
	var refs []git.RefUpdate
	for _, ps := range plan.patchsets {
		refs = append(refs, git.RefUpdate{Name: ps.change.Ref(ps.change.Current().Number), New: ps.change.Current().Commit})
	}
	if err := p.repo.UpdateRefs(ctx, refs...); err != nil {
		return err
	}
	err := p.source.db.Update(func(tx *bbolt.Tx) error {
		for _, ps := range plan.patchsets {
			if err := p.source.savePatchset(tx, ps); err != nil {
				return err
			}
		}
		return nil
	})
	return p.source.written(err, "push to %s", p.project.Name)
}

// announce tells the client what became of its commits.
func (p *push) announce(plan *plan) {
	p.say("")
	for _, ps := range plan.patchsets {
		c := ps.change
		word := "new change"
		if ps.before != nil {
			word = "new patchset of change"
		}
		p.say("  %s %d, patchset %d: %s", word, c.Number, c.Current().Number, c.Subject)
		p.say("    %s", p.source.URL(c.Number))
		for _, link := range ps.unknown {
			p.say("    warning: %s", p.source.aboutLink(link))
		}
	}
	p.say("")
}

// refuseGit turns the refusal of a git command into ours; other errors stay.
func refuseGit(err error, format string, args ...any) error {
	if isGitError(err) {
		return refusal(source.CodeInvalid, format, args...)
	}
	return err
}
