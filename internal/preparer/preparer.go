package preparer

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/gozer-ci/gozer/internal/merger"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// Merger makes speculative states and reads files of commits.
type Merger interface {
	Merge(ctx context.Context, r merger.Request) (merger.Result, error)
	ReadFiles(ctx context.Context, project scheduler.ProjectName, commit string, match func(path string) bool) ([]merger.File, error)
	Tips(ctx context.Context, project scheduler.ProjectName) (map[string]string, error)
}

// Config is what a Preparer works with.
type Config struct {
	// Tenant as it is described at first; Use replaces it.
	Tenant *tenants.Tenant
	Merger Merger
	// DefaultBranch is the branch that a project's source takes for its main
	// one; empty where it does not say. Nil says nothing of any.
	DefaultBranch func(scheduler.ProjectName) string
	Logger        *slog.Logger
}

// defaultBranch is what the source says, else master where there is one, then
// main, then the first.
func (p *Preparer) defaultBranch(project scheduler.ProjectName, tips map[string]string) string {
	names := []string{"master", "main"}
	if p.cfg.DefaultBranch != nil {
		names = append([]string{p.cfg.DefaultBranch(project)}, names...)
	}
	for _, name := range append(names, sortedKeys(tips)...) {
		if _, ok := tips[name]; ok {
			return name
		}
	}
	return ""
}

// Preparer serves one tenant. Its methods may be called concurrently.
type Preparer struct {
	cfg Config

	mu     sync.Mutex
	tenant *tenants.Tenant
	latest *tenants.Layout
	// layouts keeps the newest static layouts by hash, oldest first.
	layouts []*tenants.Layout
	dynamic *lru[*speculative]
	files   *lru[[]tenants.File]
	loaded  chan struct{} // closed with the first layout
}

// What is remembered: speculative layouts, and bytes of configuration files.
const (
	keptSpeculative = 64 * entrySize
	keptFileBytes   = 32 << 20
)

// New returns a preparer without a layout; Load gives it one.
func New(cfg Config) *Preparer {
	return &Preparer{
		cfg: cfg, tenant: cfg.Tenant, dynamic: newLRU[*speculative](keptSpeculative), files: newLRU[[]tenants.File](keptFileBytes),
		loaded: make(chan struct{}),
	}
}

// Use makes Load compile the tenant as it is described now. With forget, what
// was read of repositories is read again.
func (p *Preparer) Use(t *tenants.Tenant, forget bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tenant = t
	if forget {
		p.files.clear()
	}
}

// described is the tenant as it is described now.
func (p *Preparer) described() *tenants.Tenant {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tenant
}

// Layout returns the newest static layout, or nil before the first.
func (p *Preparer) Layout() *tenants.Layout {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.latest
}

// Loaded is closed with the first layout; until then Prepare waits.
func (p *Preparer) Loaded() <-chan struct{} { return p.loaded }

// Load reads the configuration of all branches and compiles it.
func (p *Preparer) Load(ctx context.Context, e scheduler.LoadLayout) (scheduler.LoadedLayout, error) {
	tenant := p.described()
	var branches []tenants.ProjectBranch
	for _, project := range tenant.Projects {
		list, err := p.readProject(ctx, project)
		if err != nil {
			return scheduler.LoadedLayout{}, fmt.Errorf("load configuration of %s: %w", project.Canonical, err)
		}
		branches = append(branches, list...)
	}
	l, problems := tenant.Load(branches)
	p.keep(l)
	p.cfg.Logger.Info("layout loaded", "tenant", tenant.Name, "reason", e.Reason, "problems", len(problems))
	return scheduler.LoadedLayout{Request: e.Request, Layout: l.Core(), Errors: len(problems)}, nil
}

// keptLayouts is how many static layouts are remembered for items that were
// asked to be prepared just before a reconfiguration.
const keptLayouts = 4

func (p *Preparer) keep(l *tenants.Layout) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.latest == nil {
		close(p.loaded)
	}
	p.latest = l
	p.layouts = append(slices.DeleteFunc(p.layouts, func(x *tenants.Layout) bool { return x.Hash() == l.Hash() }), l)
	if len(p.layouts) > keptLayouts {
		p.layouts = p.layouts[1:]
	}
}

// layout returns the layout with a hash, or the newest when it is gone.
func (p *Preparer) layout(ctx context.Context, hash scheduler.Hash) (*tenants.Layout, error) {
	select {
	case <-p.loaded:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.layouts {
		if l.Hash() == hash {
			return l, nil
		}
	}
	return p.latest, nil
}

// readProject reads the configuration files of the project's branches. A
// project that its source does not have counts as empty.
func (p *Preparer) readProject(ctx context.Context, project *tenants.TenantProject) ([]tenants.ProjectBranch, error) {
	tips, err := p.cfg.Merger.Tips(ctx, project.Canonical)
	if refusal := asRefusal(err); refusal != nil {
		p.cfg.Logger.Warn("project is not in its source", "tenant", p.described().Name, "project", project.Canonical, "err", refusal)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []tenants.ProjectBranch
	for _, branch := range project.Loaded(sortedKeys(tips)) {
		b, err := p.readBranch(ctx, project, branch, tips[branch])
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// readBranch reads the configuration files of one commit, or remembers them.
func (p *Preparer) readBranch(ctx context.Context, project *tenants.TenantProject, branch, commit string) (tenants.ProjectBranch, error) {
	out := tenants.ProjectBranch{Project: project.Canonical, Branch: branch}
	if p.cfg.DefaultBranch != nil {
		out.Default = p.cfg.DefaultBranch(project.Canonical) == branch
	}
	// Which files are read is a matter of the tenant's settings.
	key := strings.Join(append([]string{string(project.Canonical), commit}, project.ExtraConfigPaths...), "\x00")
	if files, ok := p.files.get(key); ok {
		out.Files = files
		return out, nil
	}
	files, err := p.cfg.Merger.ReadFiles(ctx, project.Canonical, commit, func(path string) bool { return mayHoldConfig(project, path) })
	over := asLimit(err)
	if err != nil && over == nil {
		return out, err
	}
	size := 0
	for _, f := range files {
		out.Files = append(out.Files, tenants.File{Path: f.Path, Data: f.Data})
		size += len(f.Path) + len(f.Data)
	}
	if over != nil {
		out.Files = append(out.Files, tenants.File{Path: over.Path, Omitted: over.Path + " " + over.Message})
	}
	p.files.put(key, out.Files, size)
	return out, nil
}

func asRefusal(err error) *source.Error { return asType[*source.Error](err) }

func asLimit(err error) *merger.LimitError { return asType[*merger.LimitError](err) }
