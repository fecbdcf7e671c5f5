package tenants

import (
	"maps"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gozer-ci/gozer/scheduler"
)

// testWorld makes a world of files by name, as readWorld has them.
func testWorld(t testing.TB, files map[string]string) world {
	t.Helper()
	a := &txtar.Archive{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(files[name])})
	}
	return readWorld(t, a)
}

// tenant returns the one tenant of the world.
func (w world) tenant(t testing.TB) *Tenant {
	t.Helper()
	found, problems := ParseTenants("tenants.yaml", []byte(w.tenantFile), testConnections())
	if len(found) != 1 || problems.HasErrors() {
		t.Fatalf("got %d tenants:\n%s", len(found), problems)
	}
	return found[0]
}

// load returns the layout of a world without errors.
func (w world) load(t testing.TB) *Layout {
	t.Helper()
	l, problems := w.tenant(t).Load(w.live)
	if problems.HasErrors() {
		t.Fatalf("unexpected errors:\n%s", problems)
	}
	return l
}

// app is a ref of org/app on a branch that changes files.
func app(branch string, files ...string) []FreezeRef {
	ref := scheduler.Ref{Connection: "local", Project: "local/org/app", Name: "org/app", Branch: branch, Ref: "refs/changes/01/1/1", Number: 1, Patchset: 1}
	return []FreezeRef{{Ref: ref, Files: files, FilesKnown: len(files) > 0}}
}

// graph freezes the jobs of pipeline check and wants no error.
func graph(t testing.TB, l *Layout, refs []FreezeRef) *scheduler.JobGraph {
	t.Helper()
	f, err := l.Freeze("check", refs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Graph == nil {
		return &scheduler.JobGraph{}
	}
	return f.Graph
}

func names(g *scheduler.JobGraph) []string {
	out := []string{}
	for _, j := range g.Jobs {
		out = append(out, string(j.Name))
	}
	return out
}
