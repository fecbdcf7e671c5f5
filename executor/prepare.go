package executor

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gozer-ci/gozer/scheduler"
)

// parallel is how many repositories of a build are laid out at a time.
const parallel = 4

// prepare lays out the workspace: repositories, playbooks, variables.
func (b *build) prepare(ctx context.Context) error {
	ctx, stop := b.stoppable(ctx)
	defer stop(nil)
	ctx, end := context.WithTimeoutCause(ctx, b.cfg.Limits.Prepare,
		fmt.Errorf("laying out the workspace took more than %s", b.cfg.Limits.Prepare))
	defer end()
	all := projects(b.start())
	b.console.Say("Preparing job workspace on %s", b.cfg.Name)
	if err := each(all, func(p *project) error { return p.resolve(ctx, b.cfg.Repositories, b.start()) }); err != nil {
		return err
	}
	message, err := b.layOut(ctx, all)
	if err != nil {
		return err
	}
	for _, p := range all {
		b.console.Say("Checked out %s %s (%s)", p.name, p.checkout, p.commit)
	}
	vars, err := variables(b, all, message)
	if err != nil {
		return err
	}
	b.env = environment(b, vars)
	secrets, err := b.writeSecrets()
	if err != nil {
		return err
	}
	if secrets != "" {
		b.env = append(b.env, "GOZER_SECRETS="+secrets)
	}
	b.cwd = b.ws.seen()
	if own := b.start().Own(); own.Project != "" {
		b.cwd = b.ws.seen((&project{name: own.Project}).srcDir())
	}
	return b.writeVars(vars)
}

// layOut writes repositories and playbooks and returns the commit message. All
// of it is waiting for git, so it is done at the same time.
func (b *build) layOut(ctx context.Context, all []*project) (message string, err error) {
	seen := map[*project]string{}
	for _, p := range all {
		seen[p] = b.ws.show(filepath.Join(p.repo, "objects"), "objects")
	}
	var playbooks error
	var beside sync.WaitGroup
	beside.Go(func() { playbooks = b.preparePlaybooks(ctx, all) })
	beside.Go(func() { message = commitMessage(ctx, all, b.start()) })
	err = each(all, func(p *project) error { return p.clone(ctx, b.ws.work(p.srcDir()), seen[p]) })
	beside.Wait()
	if err == nil {
		err = playbooks
	}
	return message, err
}

// each calls f for all projects, some at a time, and returns the error of the
// first project that has one.
func each(all []*project, f func(*project) error) error {
	errs := make([]error, len(all))
	slots := make(chan struct{}, parallel)
	var group sync.WaitGroup
	for i, p := range all {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			errs[i] = f(p)
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// preparePlaybooks lays out the trees that playbooks come from, apart from
// the job's work directory and read-only, and finds out how to run each.
func (b *build) preparePlaybooks(ctx context.Context, all []*project) error {
	byName := map[scheduler.ProjectName]*project{}
	for _, p := range all {
		byName[p.name] = p
	}
	type place struct{ dir, seen string }
	places := map[tree]place{}
	find := func(list []scheduler.Playbook) ([]playbook, error) {
		var found []playbook
		for _, pb := range list {
			p := byName[pb.Project]
			commit, err := playbookCommit(p, pb)
			if err != nil {
				return nil, err
			}
			key := tree{pb.Project, commit}
			at, ok := places[key]
			if !ok {
				at.dir = b.ws.path("playbooks", fmt.Sprint(len(places)))
				if err := exportTree(ctx, p, commit, at.dir); err != nil {
					return nil, err
				}
				at.seen = b.ws.show(at.dir, "playbooks")
				places[key] = at
			}
			argv, err := command(at.dir, at.seen, pb)
			if err != nil {
				return nil, err
			}
			found = append(found, playbook{pb, argv})
		}
		return found, nil
	}
	var err error
	job := b.start().Job
	if b.pre, err = find(job.PreRun); err != nil {
		return err
	}
	if b.do, err = find(job.Run); err != nil {
		return err
	}
	if b.post, err = find(job.PostRun); err != nil {
		return err
	}
	if len(b.do) == 0 {
		return problemf("job %s has no run playbook", job.Name)
	}
	return nil
}

// commitMessage is the message of the change that the build tests, empty when
// there is none to read.
func commitMessage(ctx context.Context, all []*project, start *scheduler.StartBuild) string {
	ref := start.Own()
	if !ref.IsChange() || !strings.HasPrefix(ref.Ref, "refs/") {
		return ""
	}
	for _, p := range all {
		if p.name != ref.Project {
			continue
		}
		out, err := git(ctx, nil, "--git-dir="+p.repo, "log", "-1", "--format=%B", "--end-of-options", ref.Ref, "--")
		if err == nil {
			return strings.TrimRight(string(out), "\n")
		}
	}
	return ""
}
