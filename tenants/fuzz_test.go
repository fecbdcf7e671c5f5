package tenants

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gozer-ci/gozer/scheduler"
)

// wholeFile are the codes of problems that have no line.
var wholeFile = map[Code]bool{
	CodeFileTooLarge: true, CodeTooManyNodes: true, CodeTooManyProblems: true, CodeMultipleConfigurations: true,
}

// FuzzLoad loads anything as the file of an untrusted project, a
// config-project and a tenant file. Nothing may panic, every problem has a
// place, and the same files make the same layout.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/diagnostics/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, path := range files {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			f.Add(file.Data)
		}
	}
	f.Add([]byte(variantsConfig))
	f.Add([]byte("- &a {x: *a}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, problems := ParseTenants("tenants.yaml", data, nil)
		places(t, problems)
		for _, branch := range []string{"local/org/app@master/zuul.yaml", "local/config@master/zuul.d/a.yaml"} {
			w := testWorld(t, map[string]string{branch: string(data)})
			l, problems := w.tenant(t).Load(w.live)
			again, _ := w.tenant(t).Load(w.live)
			if l.Hash() != again.Hash() {
				t.Error("two loads of the same files differ")
			}
			places(t, problems)
			l.FreezeAll()
			for _, name := range l.Jobs()[:min(3, len(l.Jobs()))] {
				if e := l.Explain("check", app("master")[0].Ref, name); e.Job != name {
					t.Error("the explanation of another job")
				}
			}
			if next, _ := l.With(w.live); next == nil {
				t.Error("no speculative layout")
			}
		}
	})
}

// FuzzFreeze freezes the jobs of an item with two changes by whatever
// configuration. Graphs are sound: every job is there once, serves each ref once
// under its name, and depends on jobs of the graph.
func FuzzFreeze(f *testing.F) {
	f.Add([]byte(variantsConfig))
	f.Add([]byte("- job: {name: c, run: a, deduplicate: true, dependencies: p}\n- job: {name: p, run: a}\n" + stanzas("p, c", "p, c")))
	f.Add([]byte("- job: {name: c, run: a, files: x, dependencies: {name: p, soft: true}}\n- job: {name: p, run: a, provides: y}\n" + stanzas("c", "p, c")))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := testWorld(t, map[string]string{"local/config@master/zuul.yaml": defaultConfig + string(data)})
		l, _ := w.tenant(t).Load(w.live)
		for _, refs := range [][]FreezeRef{cycle(0), cycle(1, []string{"x"}, []string{"y"}), app("master")} {
			first, err := l.Freeze("check", refs, nil)
			again, _ := l.Freeze("check", refs, l)
			if err != nil || first.Graph == nil {
				continue
			}
			if first.Graph.Hash != again.Graph.Hash {
				t.Error("frozen twice, the jobs differ")
			}
			sound(t, first.Graph, len(refs))
		}
	})
}

func sound(t *testing.T, g *scheduler.JobGraph, refs int) {
	t.Helper()
	serves := map[scheduler.JobKey]bool{}
	own := map[scheduler.JobKey]bool{}
	for i := range g.Jobs {
		j := &g.Jobs[i]
		own[j.Key()] = true
		for _, r := range append([]int{j.Ref}, j.Shared...) {
			k := scheduler.JobKey{Name: j.Name, Ref: r}
			if r < 0 || r >= refs || serves[k] {
				t.Errorf("job %s serves ref %d of %d twice or not at all", j.Name, r, refs)
			}
			serves[k] = true
		}
	}
	for i := range g.Jobs {
		seen := map[scheduler.JobKey]bool{}
		for _, d := range g.Jobs[i].Dependencies {
			if !own[d.Key()] || seen[d.Key()] || d.Key() == g.Jobs[i].Key() {
				t.Errorf("job %s has the dependency %+v", g.Jobs[i].Name, d)
			}
			seen[d.Key()] = true
		}
	}
}

func places(t *testing.T, problems Diagnostics) {
	t.Helper()
	for _, d := range problems {
		if d.Line < 1 && !wholeFile[d.Code] || d.Path == "" || d.Text == "" || d.Name == "" {
			t.Errorf("a problem without place or text: %+v", d)
		}
		if d.String() == "" {
			t.Error("a problem without words")
		}
	}
}
