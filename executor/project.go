package executor

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// project is a repository in the workspace.
type project struct {
	name     scheduler.ProjectName
	required bool
	repo     string // the server's bare repository
	refs     refs
	// branches are those of refs with the speculative state laid over.
	branches map[string]string
	// checkout is the branch or tag checked out, commit its commit, and why
	// the rule that chose it.
	checkout string
	commit   string
	why      string
}

func (p *project) host() string       { host, _, _ := strings.Cut(string(p.name), "/"); return host }
func (p *project) sourceName() string { _, name, _ := strings.Cut(string(p.name), "/"); return name }
func (p *project) srcDir() string     { return path.Join(srcDir, string(p.name)) }

// problem is something wrong with the job or its repositories that another
// attempt would meet again.
type problem struct{ text string }

func (p *problem) Error() string { return p.text }

func problemf(format string, args ...any) error { return &problem{fmt.Sprintf(format, args...)} }

// projects returns the projects of a build: those of the speculative state,
// of required-projects and of playbooks, each once, in that order.
func projects(start *scheduler.StartBuild) []*project {
	var all []*project
	byName := map[scheduler.ProjectName]*project{}
	add := func(name scheduler.ProjectName) *project {
		if byName[name] == nil {
			byName[name] = &project{name: name}
			all = append(all, byName[name])
		}
		return byName[name]
	}
	for _, r := range start.Refs {
		add(r.Project)
	}
	for _, c := range start.State {
		add(c.Project)
	}
	for _, r := range start.Job.RequiredProjects {
		add(r.Project).required = true
	}
	for _, phase := range [][]scheduler.Playbook{start.Job.PreRun, start.Job.Run, start.Job.PostRun} {
		for _, pb := range phase {
			add(pb.Project)
		}
	}
	return all
}

// resolve finds the project's repository and what to check out.
func (p *project) resolve(ctx context.Context, repos Repositories, start *scheduler.StartBuild) error {
	if !filepath.IsLocal(string(p.name)) || path.Clean(string(p.name)) != string(p.name) {
		return problemf("project name %q can't be a directory", p.name)
	}
	var err error
	if p.repo, err = repos.Repository(ctx, p.name); err != nil {
		return fmt.Errorf("find repository of %s: %w", p.name, err)
	}
	if p.repo, err = filepath.Abs(p.repo); err != nil {
		return fmt.Errorf("find repository of %s: %w", p.name, err)
	}
	if p.refs, err = readRefs(ctx, p.repo); err != nil {
		return fmt.Errorf("read repository of %s: %w", p.name, err)
	}
	p.branches = map[string]string{}
	for name, hash := range p.refs.byName {
		if branch, ok := strings.CutPrefix(name, "refs/heads/"); ok {
			p.branches[branch] = hash
		}
	}
	for _, c := range start.State {
		if c.Project == p.name && c.Branch != "" {
			if !validRef(c.Branch) || !validHash(c.Commit) {
				return problemf("speculative state of %s has a bad branch %q or commit %q", p.name, c.Branch, c.Commit)
			}
			p.branches[c.Branch] = c.Commit
		}
	}
	return p.choose(start)
}

// choose picks what to check out (Zuul documentation, "Job: override-checkout"):
// the first that exists of the project's override, the job's override, the
// item's branch or tag and the default branch.
func (p *project) choose(start *scheduler.StartBuild) error {
	type candidate struct{ name, why string }
	var candidates []candidate
	for _, r := range start.Job.RequiredProjects {
		if r.Project == p.name {
			candidates = append(candidates, candidate{r.OverrideCheckout, "project override ref"})
		}
	}
	candidates = append(candidates, candidate{start.Job.OverrideCheckout, "job override ref"})
	if item := itemOf(start, p.name); item != nil {
		tag, _ := strings.CutPrefix(item.Ref, "refs/tags/")
		candidates = append(candidates, candidate{item.Branch, "zuul branch"}, candidate{tag, "zuul tag"})
	}
	candidates = append(candidates, candidate{p.refs.defaultBranch, "project default branch"})
	for _, c := range candidates {
		if c.name == "" {
			continue
		}
		if p.commit = p.branches[c.name]; p.commit == "" {
			p.commit = p.refs.tag(c.name)
		}
		if p.commit != "" {
			p.checkout, p.why = c.name, c.why
			return nil
		}
	}
	return problemf("project %s has no default branch %q to check out", p.name, p.refs.defaultBranch)
}

// itemOf is the item's ref that decides the branch of project: the one that
// the build tests if it is the project's, another of the project, else the one
// that the build tests.
func itemOf(start *scheduler.StartBuild, project scheduler.ProjectName) *scheduler.Ref {
	if len(start.Refs) == 0 {
		return nil
	}
	own := start.Own()
	if own.Project == project {
		return &own
	}
	for i := range start.Refs {
		if start.Refs[i].Project == project {
			return &start.Refs[i]
		}
	}
	return &own
}

// clone lays the project out in w.
func (p *project) clone(ctx context.Context, dir, objectsSeen string) error {
	c := clone{
		dir: dir, objects: filepath.Join(p.repo, "objects"), seenAs: objectsSeen,
		branches: p.branches, upstream: map[string]string{}, tags: map[string]string{}, commit: p.commit,
	}
	for name, hash := range p.refs.byName {
		if branch, ok := strings.CutPrefix(name, "refs/heads/"); ok {
			c.upstream[branch] = hash
		} else if tag, ok := strings.CutPrefix(name, "refs/tags/"); ok {
			c.tags[tag] = hash
		}
	}
	if p.branches[p.checkout] != "" {
		c.checkout = p.checkout
	}
	if err := c.make(ctx); err != nil {
		return fmt.Errorf("check out %s of %s: %w", p.checkout, p.name, err)
	}
	return nil
}
