package tenants

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gozer-ci/gozer/scheduler"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// connections of every test.
func testConnections() Connections {
	return Connections{
		"local": {Driver: "local"}, "nats": {Driver: "nats"},
		"hub": {Driver: "github", CanonicalHost: "github.com"}, "mirror": {Driver: "local", CanonicalHost: "mirror.example.com"},
	}
}

// defaults are the tenant file and the config-project of archives that have
// none of their own.
const defaultTenant = `- tenant:
    name: acme
    source:
      local:
        config-projects: [config]
        untrusted-projects: [org/app, org/lib]
`

const defaultConfig = `- pipeline:
    name: check
    manager: independent
    trigger:
      local: [{event: patchset-created}]

- job:
    name: base
    parent: null
    run: run.sh
`

// world is an archive of configuration: "tenants.yaml", files as
// <project>@<branch>/<path>, and the same below "with/" for what a change
// replaces. A name that ends in ".repeat" holds lines of a count and a quoted
// text to repeat. A file "offline" takes the connections of the system away.
type world struct {
	tenantFile string
	live, with []ProjectBranch
	offline    bool // the connections of the system are not known
}

func readWorld(t testing.TB, a *txtar.Archive) world {
	t.Helper()
	w := world{tenantFile: defaultTenant}
	for _, f := range a.Files {
		name, data := f.Name, f.Data
		if cut, ok := strings.CutSuffix(name, ".repeat"); ok {
			name, data = cut, repeat(t, string(f.Data))
		}
		switch {
		case name == "want.txt":
		case name == "offline":
			w.offline = true
		case name == "tenants.yaml":
			w.tenantFile = string(data)
		case strings.HasPrefix(name, "with/"):
			w.with = addFile(w.with, strings.TrimPrefix(name, "with/"), data)
		default:
			w.live = addFile(w.live, name, data)
		}
	}
	for _, b := range w.live {
		if b.Project == "local/config" {
			return w
		}
	}
	w.live = addFile(w.live, "local/config@master/zuul.yaml", []byte(defaultConfig))
	return w
}

func repeat(t testing.TB, lines string) []byte {
	t.Helper()
	var out []byte
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		count, quoted, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(count)
		text, err2 := strconv.Unquote(quoted)
		if err != nil || err2 != nil {
			t.Fatalf("bad line in a .repeat file: %s", line)
		}
		out = append(out, strings.Repeat(text, n)...)
	}
	return out
}

func addFile(bs []ProjectBranch, name string, data []byte) []ProjectBranch {
	project, rest, _ := strings.Cut(name, "@")
	branch, path, _ := strings.Cut(rest, "/")
	for i := range bs {
		if string(bs[i].Project) == project && bs[i].Branch == branch {
			bs[i].Files = append(bs[i].Files, File{Path: path, Data: data})
			return bs
		}
	}
	return append(bs, ProjectBranch{Project: scheduler.ProjectName(project), Branch: branch, Files: []File{{Path: path, Data: data}}})
}

// diagnose returns all diagnostics of a world.
func (w world) diagnose() Diagnostics {
	connections := testConnections()
	if w.offline {
		connections = nil
	}
	found, problems := ParseTenants("tenants.yaml", []byte(w.tenantFile), connections)
	for _, t := range found {
		l, more := t.Load(w.live)
		problems = append(problems, more...)
		if len(w.with) > 0 {
			var own Diagnostics
			l, own = l.With(w.with)
			problems = append(problems, own...)
		}
		problems = append(problems, l.FreezeAll()...)
	}
	return problems.Sorted()
}

// TestDiagnostics runs one archive for each code, and fails for a code
// without one.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	for _, code := range Codes() {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			if code == CodeMissingProject {
				return // made by package check alone, and tested there
			}
			golden(t, filepath.Join("testdata", "diagnostics", string(code)+".txtar"), fmt.Sprintf("[%s]", code))
		})
	}
}

// TestDiagnosticVariations runs the archives that show more than one code.
func TestDiagnosticVariations(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/variations/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			t.Parallel()
			golden(t, f, "")
		})
	}
}

// golden compares the diagnostics of an archive with its want.txt.
func golden(t *testing.T, path, mustHave string) {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := readWorld(t, a).diagnose().String()
	if !strings.Contains(got, mustHave) {
		t.Errorf("no %s in:\n%s", mustHave, got)
	}
	for i := range a.Files {
		if a.Files[i].Name != "want.txt" {
			continue
		}
		if *update {
			a.Files[i].Data = []byte(got)
			if err := os.WriteFile(path, txtar.Format(a), 0o666); err != nil {
				t.Fatal(err)
			}
			return
		}
		if diff := cmp.Diff(string(a.Files[i].Data), got); diff != "" {
			t.Errorf("diagnostics differ (-want +got); run go test ./tenants -update to accept:\n%s", diff)
		}
		return
	}
	t.Fatalf("%s has no want.txt", path)
}
