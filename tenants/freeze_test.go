package tenants

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/scheduler"
)

const variantsConfig = `- pipeline:
    name: check
    manager: independent
    trigger: {local: [{event: patchset-created}]}

- job:
    name: base
    parent: null
    run: base.sh
    pre-run: base-pre
    post-run: base-post
    nodeset: {nodes: [{name: controller, label: base}]}
    vars: {a: 1, deep: {x: base, y: base}}

- job:
    name: python27
    parent: base
    timeout: 40
    run: py27.sh
    pre-run: py27-pre
    post-run: [py27-post-a, py27-post-b]
    nodeset: {nodes: [{name: controller, label: new}]}
    vars: {deep: {y: child}}

- job:
    name: python27
    branches: [stable/diablo]
    timeout: 50
    run: py27-diablo.sh
    pre-run: py27-diablo-pre
    post-run: py27-diablo-post
    nodeset: {nodes: [{name: controller, label: old}]}

- job:
    name: python27
    branches: [stable/essex]
    pre-run: py27-essex-pre
    post-run: py27-essex-post

- project:
    name: org/app
    vars: {a: project, b: project}
    check: {jobs: [python27]}
`

func paths(books []scheduler.Playbook) string {
	var out []string
	for _, p := range books {
		out = append(out, p.Path)
	}
	return strings.Join(out, " ")
}

// TestVariants is scenario 48 of Zuul's suite: what each branch makes of a job.
func TestVariants(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/config@master/zuul.yaml": variantsConfig}).load(t)
	tests := map[string]struct {
		seconds              int
		label, pre, run, end string
	}{
		"master":        {40, "new", "base-pre py27-pre", "py27.sh", "py27-post-a py27-post-b base-post"},
		"stable/diablo": {50, "old", "base-pre py27-pre py27-diablo-pre", "py27-diablo.sh", "py27-diablo-post py27-post-a py27-post-b base-post"},
		"stable/essex":  {40, "new", "base-pre py27-pre py27-essex-pre", "py27.sh", "py27-essex-post py27-post-a py27-post-b base-post"},
	}
	for branch, want := range tests {
		t.Run(branch, func(t *testing.T) {
			t.Parallel()
			j := graph(t, l, app(branch)).Job("python27")
			got := want
			got.seconds, got.label = int(j.Timeout.Seconds()), j.Nodeset.Nodes[0].Label
			got.pre, got.run, got.end = paths(j.PreRun), paths(j.Run), paths(j.PostRun)
			if got != want {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
			if got, want := string(j.Vars), `{"a":1,"b":"project","deep":{"x":"base","y":"child"}}`; got != want {
				t.Errorf("vars %s, want %s", got, want)
			}
			if j.PreRun[0].Level != 0 || j.PreRun[1].Level != 1 || !j.PreRun[0].Trusted {
				t.Errorf("levels or trust are wrong: %+v", j.PreRun)
			}
		})
	}
}

const filesApp = `- job: {name: build, run: a.sh, files: [src/]}
- job: {name: test, run: a.sh, dependencies: [build], irrelevant-files: [doc/, README]}
- job: {name: docs, run: a.sh, files: [doc/], dependencies: [{name: build, soft: true}]}
- project:
    check: {jobs: [build, test, docs, noop]}
`

func TestFileMatchers(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": filesApp}).load(t)
	tests := map[string]struct {
		files []string
		want  []string
	}{
		"unknown files run all":         {nil, []string{"build", "test", "docs", "noop"}},
		"source":                        {[]string{"src/a.go"}, []string{"build", "test", "noop"}},
		"documentation alone":           {[]string{"doc/a.md", "README"}, []string{"docs", "noop"}},
		"a hard ancestor is kept":       {[]string{"Makefile"}, []string{"build", "test", "noop"}},
		"the commit message is no file": {[]string{"/COMMIT_MSG"}, []string{"build", "test", "docs", "noop"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, names(graph(t, l, app("master", tt.files...)))); diff != "" {
				t.Error(diff)
			}
		})
	}
	docs := graph(t, l, app("master", "doc/a.md")).Job("docs")
	if len(docs.Dependencies) != 0 {
		t.Errorf("a soft dependency on a job that does not run stays: %v", docs.Dependencies)
	}
}

// TestFreezeErrors tells why a job graph cannot be.
func TestFreezeErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ app, want string }{
		"not run":      {"- job: {name: a, run: a, dependencies: b}\n- job: {name: b, run: b, files: x}\n- project: {check: {jobs: [a]}}\n", "Job a depends on b which was not run."},
		"cycle":        {"- job: {name: a, run: a, dependencies: b}\n- job: {name: b, run: b, dependencies: a}\n- project: {check: {jobs: [a, b]}}\n", "Dependency cycle detected"},
		"abstract":     {"- job: {name: a, run: a, abstract: true}\n- project: {check: {jobs: [a]}}\n", "Job a is abstract and may not be directly run"},
		"allowed":      {"- job: {name: a, run: a, allowed-projects: org/lib}\n- project: {check: {jobs: [a]}}\n", "Project org/app is not allowed to run job a"},
		"post-review":  {"- job: {name: a, run: a, post-review: true}\n- project: {check: {jobs: [a]}}\n", "Pre-review pipeline check does not allow post-review job a"},
		"secrets":      {"- secret: {name: s, data: {a: b}}\n- job: {name: a, run: a, secrets: s}\n- project: {check: {jobs: [a]}}\n", "does not allow post-review job a"},
		"final":        {"- job: {name: a, run: a, final: true}\n- job: {name: b, parent: a, timeout: 5}\n- project: {check: {jobs: [b]}}\n", "Unable to modify final job a attribute parent"},
		"control":      {"- job: {name: a, run: a, attribute-control: {tags: {final: true}}}\n- job: {name: b, parent: a, tags: x}\n- project: {check: {jobs: [b]}}\n", "Unable to modify job a final attribute tags"},
		"intermediate": {"- job: {name: a, run: a, abstract: true, intermediate: true}\n- job: {name: b, parent: a}\n- project: {check: {jobs: [b]}}\n", "Intermediate job a may only be inherited by another abstract job"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": tt.app})
			l, _ := w.tenant(t).Load(w.live)
			f, err := l.Freeze("check", app("master"), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "Unable to freeze job graph: ") {
				t.Errorf("got %v, want ...%s", err, tt.want)
			}
			if !f.InPipeline {
				t.Error("the project is in the pipeline")
			}
		})
	}
}

// TestContextAttributes shows what may be changed on a final job.
func TestContextAttributes(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": `- job: {name: a, run: a, final: true}
- project:
    check:
      fail-fast: true
      jobs:
        - a: {voting: false, dependencies: noop, success-message: fine, hold-following-changes: true}
        - noop
`}).load(t)
	g := graph(t, l, app("master"))
	a := g.Job("a")
	if a.Voting || !a.HoldFollowing || a.SuccessMessage != "fine" || a.Dependencies[0].Name != "noop" || !g.FailFast || a.Attempts != 3 {
		t.Errorf("got %+v, fail-fast %t", a, g.FailFast)
	}
}

// TestOverrideAndInherit shows the tags that change how lists are joined.
func TestOverrideAndInherit(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": `- job: {name: a, run: a, dependencies: noop, vars: {x: 1}, required-projects: [org/lib]}
- job: {name: b, parent: a, dependencies: !inherit [a], vars: !override {y: 2}, required-projects: !override [config]}
- project: {check: {jobs: [noop, a, b]}}
`}).load(t)
	b := graph(t, l, app("master")).Job("b")
	if len(b.Dependencies) != 2 || string(b.Vars) != `{"y":2}` {
		t.Errorf("dependencies %v, vars %s", b.Dependencies, b.Vars)
	}
	if len(b.RequiredProjects) != 1 || b.RequiredProjects[0].Project != "local/config" {
		t.Errorf("required projects %v", b.RequiredProjects)
	}
}

// TestImpliedBranches: in a project with several branches each defines its own
// jobs, and a stanza speaks of its own branch only.
func TestImpliedBranches(t *testing.T) {
	t.Parallel()
	one := "- job: {name: a, run: master.sh}\n- project: {check: {jobs: [a]}}\n"
	two := "- job: {name: a, run: stable.sh}\n- project: {check: {jobs: [a, noop]}}\n"
	l := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": one, "local/org/app@stable/zuul.yaml": two}).load(t)
	if got := graph(t, l, app("stable")); paths(got.Job("a").Run) != "stable.sh" || !slices.Equal(names(got), []string{"a", "noop"}) {
		t.Errorf("on stable: %+v", got)
	}
	if got := graph(t, l, app("master")); paths(got.Job("a").Run) != "master.sh" || len(got.Jobs) != 1 {
		t.Errorf("on master: %+v", got)
	}
	pragma := "- pragma: {implied-branch-matchers: false}\n"
	l = testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": one, "local/org/app@stable/zuul.yaml": pragma + two}).load(t)
	if got := graph(t, l, app("master")); paths(got.Job("a").Run) != "stable.sh" {
		t.Errorf("with the pragma: %+v", got)
	}
}

func TestFreezeOutsidePipeline(t *testing.T) {
	t.Parallel()
	l := testWorld(t, nil).load(t)
	for _, pipeline := range []scheduler.PipelineName{"check", "nowhere"} {
		f, err := l.Freeze(pipeline, app("master"), nil)
		if f.InPipeline || f.Graph != nil || err != nil {
			t.Errorf("%s: got %+v, %v", pipeline, f, err)
		}
	}
}
