package schedtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// repos are the files of a tenant's projects. With them the layout and the
// jobs of items come from real configuration.
type repos struct {
	tenant *tenants.Tenant
	// branches hold the files of a branch by path.
	branches map[projectBranch]map[string]string
	// edits are the files that a change writes, by its number.
	edits   map[int]map[string]string
	layouts map[scheduler.Hash]*tenants.Layout
	latest  *tenants.Layout
}

type projectBranch struct {
	project scheduler.ProjectName
	branch  string
}

func branchOf(r scheduler.Ref) projectBranch { return projectBranch{r.Project, r.Branch} }

// newRepos reads the tenant file.
func newRepos(tenantFile string) (*repos, error) {
	found, problems := tenants.ParseTenants("tenants.yaml", []byte(tenantFile), tenants.Connections{
		"local": {Driver: "local"}, "nats": {Driver: "nats"},
	})
	if len(found) != 1 {
		return nil, fmt.Errorf("want one tenant, got %d:\n%s", len(found), problems)
	}
	found[0].WebRoot = "http://gozer.example/t/tenant/"
	return &repos{
		tenant: found[0], branches: map[projectBranch]map[string]string{}, edits: map[int]map[string]string{},
		layouts: map[scheduler.Hash]*tenants.Layout{},
	}, nil
}

// write puts a file on a branch.
func (r *repos) write(at projectBranch, path, text string) {
	if r.branches[at] == nil {
		r.branches[at] = map[string]string{}
	}
	r.branches[at][path] = text
}

// load makes the layout of the branches as they are.
func (r *repos) load() *tenants.Layout {
	var list []tenants.ProjectBranch
	for _, at := range slices.SortedFunc(maps.Keys(r.branches), func(a, b projectBranch) int {
		return strings.Compare(string(a.project)+"@"+a.branch, string(b.project)+"@"+b.branch)
	}) {
		list = append(list, configOf(at, r.branches[at]))
	}
	r.latest, _ = r.tenant.Load(list)
	r.layouts[r.latest.Hash()] = r.latest
	return r.latest
}

func configOf(at projectBranch, files map[string]string) tenants.ProjectBranch {
	b := tenants.ProjectBranch{Project: at.project, Branch: at.branch, Default: at.branch == "master"}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		b.Files = append(b.Files, tenants.File{Path: path, Data: []byte(files[path])})
	}
	return b
}

// asks reports whether a change edits configuration.
func (r *repos) asks(c scheduler.Ref) bool {
	p := r.tenant.Project(string(c.Project))
	for path := range r.edits[c.Number] {
		if c.IsChange() && p != nil && p.IsConfigFile(path) {
			return true
		}
	}
	return false
}

// land writes what a change edits to its branch.
func (r *repos) land(c scheduler.Ref) {
	for path, text := range r.edits[c.Number] {
		r.write(branchOf(c), path, text)
	}
}

// speculate returns the layout with changes merged, and what is wrong with it.
func (r *repos) speculate(l *tenants.Layout, changes []scheduler.Ref) (*tenants.Layout, tenants.Diagnostics) {
	touched, order := map[projectBranch]map[string]string{}, []projectBranch{}
	asked := map[projectBranch]bool{}
	for _, c := range changes {
		at := branchOf(c)
		if touched[at] == nil {
			touched[at] = maps.Clone(r.branches[at])
			order = append(order, at)
		}
		if touched[at] == nil {
			touched[at] = map[string]string{}
		}
		maps.Copy(touched[at], r.edits[c.Number])
		asked[at] = asked[at] || r.asks(c)
	}
	var overrides []tenants.ProjectBranch
	for _, at := range order {
		if asked[at] {
			overrides = append(overrides, configOf(at, touched[at]))
		}
	}
	return l.With(overrides)
}

// configure does for an item what the program's preparer does: it computes the
// layout of the item's state and freezes its jobs.
func (r *repos) configure(e scheduler.PrepareItem, c *scheduler.PreparedItem) {
	static := r.layouts[e.Layout]
	if static == nil {
		static = r.latest
	}
	own, problems := r.speculate(static, append(slices.Clone(e.BaseRefs), e.Refs...))
	for _, d := range problems {
		switch d.Severity {
		case tenants.Error:
			c.ConfigErrors = append(c.ConfigErrors, d.String())
		default:
			c.Warnings = append(c.Warnings, d.String())
		}
	}
	if len(c.ConfigErrors) > 0 || !e.Live {
		return
	}
	ahead, _ := r.speculate(static, e.BaseRefs)
	frozen, err := own.Freeze(e.Pipeline, r.freezeRefs(e), ahead)
	if err != nil {
		c.ConfigErrors = []string{err.Error()}
		return
	}
	c.InPipeline, c.Graph, c.Debug = frozen.InPipeline, frozen.Graph, frozen.Debug
}

// freezeRefs tells the files of an item's refs. Every change edits at least one
// file, README when the scenario names none.
func (r *repos) freezeRefs(e scheduler.PrepareItem) []tenants.FreezeRef {
	refs := make([]tenants.FreezeRef, len(e.Refs))
	for i, ref := range e.Refs {
		refs[i] = tenants.FreezeRef{Ref: ref, Trigger: i == e.Trigger}
		if ref.IsChange() {
			refs[i].Files, refs[i].FilesKnown = slices.Sorted(maps.Keys(r.edits[ref.Number])), true
		}
		if len(refs[i].Files) == 0 {
			refs[i].Files = []string{"README"}
		}
	}
	return refs
}
