package tenants

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// branchConfig is what one branch of a project defines.
type branchConfig struct {
	project *TenantProject
	branch  string
	// isDefault, several and the contents of files decide how objects are read.
	isDefault bool
	several   bool // the project has more branches in the tenant
	files     []*objects
	keys      []fileKey
	problems  Diagnostics // of the choice of files
}

// maxBranchBytes and maxBranchFiles bound the configuration of one branch of a
// project.
const (
	maxBranchBytes = 8 << 20
	maxBranchFiles = 1000
)

// Load makes the tenant's layout of the configuration files of its projects.
// The layout is never nil: what is broken is left out, and told. Branches of
// projects that the tenant does not have, or does not load, are passed over.
func (t *Tenant) Load(branches []ProjectBranch) (*Layout, Diagnostics) {
	l := link(t, t.order(branches), nil)
	return l, l.problems
}

// order reads the files and sorts them in load order.
func (t *Tenant) order(branches []ProjectBranch) []branchConfig {
	byProject := map[scheduler.ProjectName][]ProjectBranch{}
	for _, b := range branches {
		byProject[b.Project] = append(byProject[b.Project], b)
	}
	var out []branchConfig
	for _, p := range t.Projects {
		out = append(out, t.orderProject(p, byProject[p.Canonical])...)
	}
	return out
}

func (t *Tenant) orderProject(p *TenantProject, branches []ProjectBranch) []branchConfig {
	included := 0
	names := make([]string, len(branches))
	for i, b := range branches {
		names[i] = b.Branch
		if p.includes(b.Branch) {
			included++
		}
	}
	loaded := p.Loaded(names)
	def := defaultBranch(branches)
	var out []branchConfig
	for _, b := range branches {
		if slices.Contains(loaded, b.Branch) {
			c := t.readBranch(p, b)
			c.isDefault, c.several = b.Branch == def, included > 1
			out = append(out, c)
		}
	}
	sortBranches(out)
	return out
}

func sortBranches(cs []branchConfig) {
	slices.SortStableFunc(cs, func(a, b branchConfig) int {
		if a.isDefault != b.isDefault {
			return map[bool]int{true: -1, false: 1}[a.isDefault]
		}
		return cmp.Compare(a.branch, b.branch)
	})
}

// defaultBranch names the default branch: the marked one, master, main, or
// none.
func defaultBranch(branches []ProjectBranch) string {
	best := ""
	for _, b := range branches {
		switch {
		case b.Default:
			return b.Branch
		case b.Branch == "master", b.Branch == "main" && best == "":
			best = b.Branch
		}
	}
	return best
}

// readBranch reads the files of one branch, from the cache where it can.
func (t *Tenant) readBranch(p *TenantProject, b ProjectBranch) branchConfig {
	c := branchConfig{project: p, branch: b.Branch}
	if len(p.Classes) == 0 { // nothing is loaded, so nothing is wrong with it
		return c
	}
	for _, f := range b.Files {
		if f.Omitted != "" {
			src := Source{Project: p.Canonical, Branch: b.Branch, Path: f.Path}
			c.problems = append(c.problems, newDiagnostic(CodeFileTooLarge, src, "", "split the project, or move data into files that jobs read", "%s", f.Omitted))
		}
	}
	given := slices.DeleteFunc(slices.Clone(b.Files), func(f File) bool { return f.Omitted != "" })
	chosen, root, ignored := selectFiles(given, p.ExtraConfigPaths)
	for _, r := range ignored {
		src := Source{Project: p.Canonical, Branch: b.Branch, Path: r}
		c.problems = append(c.problems, newDiagnostic(CodeMultipleConfigurations, src, "", "keep one of them", "the configuration in %s is not read, since there is %s", r, root))
	}
	if len(chosen) > maxBranchFiles {
		src := Source{Project: p.Canonical, Branch: b.Branch, Path: chosen[maxBranchFiles].Path}
		c.problems = append(c.problems, newDiagnostic(CodeFileTooLarge, src, "", "join small files", "the configuration of the branch has %d files, more than %d; the files from this one on are not read", len(chosen), maxBranchFiles))
		chosen = chosen[:maxBranchFiles]
	}
	total := 0
	for _, f := range chosen {
		if total += len(f.Data); total > maxBranchBytes {
			src := Source{Project: p.Canonical, Branch: b.Branch, Path: f.Path}
			c.problems = append(c.problems, newDiagnostic(CodeFileTooLarge, src, "", "split the project, or move data into files that jobs read", "the configuration of the branch has more than %d bytes; the files from this one on are not read", maxBranchBytes))
			break
		}
		k := fileKey{project: p.Canonical, branch: b.Branch, path: f.Path, content: sha256.Sum256(f.Data)}
		o := t.cache.get(k)
		if o == nil {
			d := &decoder{tenant: t, place: place{project: p.Canonical, branch: b.Branch, path: f.Path, trusted: p.Trusted, file: newText(f.Data)}}
			o = d.readObjects(p)
			t.cache.put(k, o)
		}
		c.files, c.keys = append(c.files, o), append(c.keys, k)
	}
	return c
}

// hashInputs identifies everything that a layout is made of.
func hashInputs(t *Tenant, branches []branchConfig, core *scheduler.Layout) scheduler.Hash {
	h := sha256.New()
	fmt.Fprintf(h, "layout 1\n%s\n", t.settings)
	for _, b := range branches {
		fmt.Fprintf(h, "%q %q %t %t %d\n", b.project.Canonical, b.branch, b.isDefault, b.several, len(b.keys))
		for _, k := range b.keys {
			fmt.Fprintf(h, "%q %x\n", k.path, k.content)
		}
	}
	writeJSON(h, core)
	return scheduler.Hash(hex.EncodeToString(h.Sum(nil)))
}

// writeJSON writes the encoding of a value of the core's types, which always
// have one.
func writeJSON(w io.Writer, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic("encode " + fmt.Sprintf("%T", v) + ": " + err.Error())
	}
}

// lineAt returns the text of the line of an object for a diagnostic.
func (c *branchConfig) lineAt(src Source) string {
	for i, k := range c.keys {
		if k.path == src.Path {
			return c.files[i].file.line(src.Line)
		}
	}
	return ""
}
