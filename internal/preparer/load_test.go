package preparer_test

import (
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
)

func TestLoadReadsEveryBranchOfEveryProject(t *testing.T) {
	t.Parallel()
	r := newRoom(t, acme)
	r.found("config", "master", files{"zuul.yaml": pipelines})
	r.branch("config", "old", files{"zuul.yaml": "- job: {name: never, parent: null, run: x}\n"})
	r.found("app", "main", files{".zuul.d/one.yaml": runs("app-main"), ".zuul.d/sub/two.yaml": "- job: {name: nested, run: x}\n"})
	r.branch("app", "stable/1", files{".zuul.d/one.yaml": runs("app-stable"), ".zuul.d/sub/.zuul.ignore": ""})
	r.found("lib", "main", files{"zuul.yaml": "- project: {gate: {jobs: [app-main]}}\n"})
	if out := r.load(); out.Errors != 0 {
		t.Errorf("%d problems: %s", out.Errors, r.problems())
	}
	for name, want := range map[scheduler.JobName]bool{"base": true, "app-main": true, "nested": true, "app-stable": true, "never": false} {
		if r.hasJob(name) != want {
			t.Errorf("job %s is there: %t", name, !want)
		}
	}
}

func TestBranchOfConfigProject(t *testing.T) {
	t.Parallel()
	const given = "- tenant:\n    name: acme\n    source:\n      local:\n        config-projects: [{config: {load-branch: live}}]\n"
	for name, c := range map[string]struct {
		tenant   string
		branches []string
		want     string
	}{
		"master is preferred":         {acme, []string{"main", "master"}, "from-master"},
		"main without master":         {acme, []string{"main", "other"}, "from-main"},
		"no other":                    {acme, []string{"other"}, ""},
		"load-branch":                 {given, []string{"main", "live", "master"}, "from-live"},
		"load-branch that is missing": {given, []string{"main", "master"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, c.tenant)
			for i, b := range c.branches {
				content := files{"zuul.yaml": pipelines + "- job: {name: from-" + b + ", run: x}\n"}
				if i == 0 {
					r.found("config", b, content)
				} else {
					r.branch("config", b, content)
				}
			}
			r.load()
			var got []string
			for _, j := range r.p.Layout().Jobs() {
				if strings.HasPrefix(string(j), "from-") {
					got = append(got, string(j))
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("jobs %q, want %q", got, c.want)
			}
		})
	}
}

func TestMissingAndEmptyProjectsCountAsEmpty(t *testing.T) {
	t.Parallel()
	r := newRoom(t, acme)
	r.found("config", "main", files{"zuul.yaml": pipelines})
	if _, err := r.source.CreateProject(t.Context(), "lib", "main"); err != nil {
		t.Fatal(err)
	}
	out := r.load() // app does not exist, lib has no commit
	if !r.hasJob("base") || out.Layout.Pipelines == nil {
		t.Errorf("layout %+v", out.Layout)
	}
	r.found("app", "main", files{"zuul.yaml": runs("unit")})
	if r.load(); !r.hasJob("unit") {
		t.Error("a project that was made later is not read")
	}
}

func TestWhatIsTooLargeGivesADiagnostic(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content files
		want    []string
	}{
		"file": {files{"zuul.d/a.yaml": runs("unit"), "zuul.d/huge.yaml": strings.Repeat("# comment\n", 200_000)}, []string{"zuul.d/huge.yaml", "1048576 bytes", "file-too-large"}},
		"deep": {files{"zuul.d/a.yaml": runs("unit"), "zuul.d/" + strings.Repeat("d/", 20) + "x.yaml": "[]\n"}, []string{"zuul.d/d/d/d", "directories", "file-too-large"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, acme)
			r.found("config", "main", files{"zuul.yaml": pipelines})
			r.found("lib", "main", nil)
			r.found("app", "main", c.content)
			if out := r.load(); out.Errors != 1 || !r.hasJob("unit") {
				t.Errorf("%d problems, jobs %v", out.Errors, r.p.Layout().Jobs())
			}
			for _, w := range append(c.want, "local/app@main") {
				if !strings.Contains(r.problems(), w) {
					t.Errorf("no %q in\n%s", w, r.problems())
				}
			}
		})
	}
}

func TestUnchangedBranchesAreNotReadAgain(t *testing.T) {
	t.Parallel()
	r := newRoom(t, acme)
	r.found("config", "main", files{"zuul.yaml": pipelines})
	r.found("app", "main", files{"zuul.yaml": runs("unit")})
	r.found("lib", "main", nil)
	first := r.load()
	if r.merger.reads != 3 {
		t.Errorf("%d reads for three branches", r.merger.reads)
	}
	second := r.load()
	if r.merger.reads != 3 || second.Layout.Hash != first.Layout.Hash {
		t.Errorf("%d reads; layout %s became %s", r.merger.reads, first.Layout.Hash, second.Layout.Hash)
	}
	r.branch("app", "main", files{"zuul.yaml": runs("unit", "style")})
	third := r.load()
	if r.merger.reads != 4 || third.Layout.Hash == first.Layout.Hash || !r.hasJob("style") {
		t.Errorf("%d reads, the layout is the old one: %t", r.merger.reads, third.Layout.Hash == first.Layout.Hash)
	}
	r.restart()
	if again := r.load(); again.Layout.Hash != third.Layout.Hash {
		t.Error("the same repositories gave another layout after a restart")
	}
}
