package preparer

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/internal/merger"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// Prepare merges an item's changes onto the state ahead, computes the layout
// of the result and freezes the item's jobs (Zuul semantics, section 6).
func (p *Preparer) Prepare(ctx context.Context, e scheduler.PrepareItem) (scheduler.PreparedItem, error) {
	out := scheduler.PreparedItem{Item: e.Item, Buildset: e.Buildset}
	base := slices.DeleteFunc(slices.Clone(e.Base), func(c scheduler.RepoCommit) bool { return c.Context })
	merged, err := p.cfg.Merger.Merge(ctx, merger.Request{Base: base, Refs: e.Refs})
	if err != nil {
		return out, fmt.Errorf("merge %s: %w", e.Refs[0], err)
	}
	out.State = merged.State
	if merged.Conflict {
		out.Conflict, out.InPipeline = true, true
		out.Detail = strings.ToValidUTF8(merged.Detail, "\uFFFD")
		return out, nil
	}
	layout, err := p.layout(ctx, e.Layout)
	if err != nil {
		return out, err
	}
	spec, err := p.speculate(ctx, layout, merged.State)
	if err != nil {
		return out, err
	}
	out.Warnings = texts(spec.problems.Warnings(), e.Refs)
	if blocking := spec.problems.Errors(); len(blocking) > 0 {
		out.ConfigErrors, out.InPipeline = texts(blocking, nil), true
		return out, nil
	}
	if e.Live {
		ahead, err := p.speculate(ctx, layout, base)
		if err != nil {
			return out, err
		}
		if err := p.freeze(ctx, &out, e, layers{spec.layout, ahead.layout}, merged.Changed); err != nil {
			return out, err
		}
	}
	return out, nil
}

// layers are the layout of an item's state and that of the state ahead.
type layers struct{ own, ahead *tenants.Layout }

// freeze puts the item's jobs together and records the state of every further
// project that they use.
func (p *Preparer) freeze(ctx context.Context, out *scheduler.PreparedItem, e scheduler.PrepareItem, l layers, changed map[int][]string) error {
	refs := make([]tenants.FreezeRef, len(e.Refs))
	for i, r := range e.Refs {
		files, known := changed[i]
		refs[i] = tenants.FreezeRef{Ref: r, Files: files, FilesKnown: known, Trigger: i == e.Trigger}
	}
	frozen, err := l.own.Freeze(e.Pipeline, refs, l.ahead)
	if refusal := asType[*tenants.FreezeError](err); refusal != nil {
		out.ConfigErrors, out.InPipeline = []string{refusal.Error()}, true
		return nil
	}
	if err != nil {
		return fmt.Errorf("freeze jobs of %s: %w", e.Refs[0], err)
	}
	out.InPipeline, out.Graph, out.Debug = frozen.InPipeline, frozen.Graph, frozen.Debug
	out.Left = frozen.Left
	if frozen.Graph == nil {
		return nil
	}
	out.Warnings = append(out.Warnings, frozen.Graph.Warnings...)
	return p.addContext(ctx, out, e.Refs)
}

// speculative is a layout that holds the configuration of a state, with the
// problems that the state brings.
type speculative struct {
	layout   *tenants.Layout
	problems tenants.Diagnostics
}

// speculate returns the layout of a state: the tenant's own unless the state
// changes configuration files.
func (p *Preparer) speculate(ctx context.Context, l *tenants.Layout, state []scheduler.RepoCommit) (*speculative, error) {
	var overrides []tenants.ProjectBranch
	key := []string{string(l.Hash())}
	for _, c := range state {
		project := l.Tenant().Project(string(c.Project))
		if project == nil {
			continue
		}
		asks, err := p.asks(ctx, project, c)
		if err != nil {
			return nil, err
		}
		if !asks {
			continue
		}
		b, err := p.readBranch(ctx, project, c.Branch, c.Commit)
		if err != nil {
			return nil, fmt.Errorf("read configuration of %s: %w", c.Project, err)
		}
		overrides = append(overrides, b)
		key = append(key, string(c.Project), c.Branch, c.Commit)
	}
	if len(overrides) == 0 {
		return &speculative{layout: l}, nil
	}
	name := strings.Join(key, "\x00")
	if s, ok := p.dynamic.get(name); ok {
		return s, nil
	}
	s := &speculative{}
	s.layout, s.problems = l.With(overrides)
	p.dynamic.put(name, s, 0)
	return s, nil
}

// asks reports whether a branch of a state asks for a layout of its own: it
// changes configuration files, or its configuration counts only now.
func (p *Preparer) asks(ctx context.Context, project *tenants.TenantProject, c scheduler.RepoCommit) (bool, error) {
	switch {
	case project.AlwaysDynamic(c.Branch):
		return true, nil
	case !project.LoadsBranch(c.Branch):
		return false, nil
	case c.Config || len(project.ExtraConfigPaths) == 0 || c.Commit == c.Base:
		return c.Config, nil
	}
	// The tenant reads more files than the merger looks at.
	before, err := p.readBranch(ctx, project, c.Branch, c.Base)
	if err != nil {
		return false, fmt.Errorf("read configuration of %s: %w", c.Project, err)
	}
	now, err := p.readBranch(ctx, project, c.Branch, c.Commit)
	if err != nil {
		return false, fmt.Errorf("read configuration of %s: %w", c.Project, err)
	}
	return !reflect.DeepEqual(before, now), nil
}

// needed is a project that a job uses, on the branch that it asks for or else
// on that of the ref that it tests.
type needed struct {
	scheduler.RequiredProject
	branch string
}

// neededBy lists the projects that the jobs use, each once for a branch.
func neededBy(g *scheduler.JobGraph, refs []scheduler.Ref) []needed {
	var want []needed
	seen := map[needed]bool{}
	add := func(r scheduler.RequiredProject, branch string) {
		if n := (needed{r, branch}); !seen[n] {
			seen[n] = true
			want = append(want, n)
		}
	}
	for i := range g.Jobs {
		j := &g.Jobs[i]
		for _, ref := range append([]int{j.Ref}, j.Shared...) {
			for _, r := range j.RequiredProjects {
				add(r, refs[ref].Branch)
			}
			for _, pb := range slices.Concat(j.PreRun, j.Run, j.PostRun) {
				add(scheduler.RequiredProject{Project: pb.Project, OverrideCheckout: pb.Branch}, refs[ref].Branch)
			}
		}
	}
	return want
}

// addContext records the commits of projects that jobs use but the item does
// not change, so that all builds of the buildset see the same.
func (p *Preparer) addContext(ctx context.Context, out *scheduler.PreparedItem, refs []scheduler.Ref) error {
	for _, w := range neededBy(out.Graph, refs) {
		tips, err := p.cfg.Merger.Tips(ctx, w.Project)
		if asRefusal(err) != nil {
			continue // the build says that it is missing
		}
		if err != nil {
			return fmt.Errorf("read branches of %s: %w", w.Project, err)
		}
		for _, branch := range []string{w.OverrideCheckout, w.branch, p.defaultBranch(w.Project, tips)} {
			if commit, ok := tips[branch]; ok {
				addContextEntry(out, w.Project, branch, commit)
				break
			}
		}
	}
	return nil
}

func addContextEntry(out *scheduler.PreparedItem, project scheduler.ProjectName, branch, commit string) {
	for _, c := range out.State {
		if c.Project == project && c.Branch == branch {
			return
		}
	}
	out.State = append(out.State, scheduler.RepoCommit{Project: project, Branch: branch, Commit: commit, Base: commit, Context: true})
}

// texts renders diagnostics; with refs only those in the refs' own projects.
func texts(ds tenants.Diagnostics, refs []scheduler.Ref) []string {
	var out []string
	for _, d := range ds {
		if refs == nil || slices.ContainsFunc(refs, func(r scheduler.Ref) bool { return r.Project == d.Project }) {
			// What goes into the log must read back as it was.
			out = append(out, strings.ToValidUTF8(d.String(), "\uFFFD"))
		}
	}
	return out
}

func asType[T error](err error) (zero T) {
	if t := zero; errors.As(err, &t) {
		return t
	}
	return zero
}
