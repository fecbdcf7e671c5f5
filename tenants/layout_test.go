package tenants

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/scheduler"
)

const gateConfig = `- queue: {name: integrated, per-branch: true}
- semaphore: {name: port, max: 2}
- pipeline:
    name: gate
    manager: dependent
    precedence: high
    post-review: true
    supercedes: [check]
    window: 10
    window-floor: 2
    window-ceiling: null
    trigger:
      local:
        - event: comment-added
          approval: [{code-review: 2}]
          username: ^dev
      nats:
        - event: ^org\.example\.
    require:
      local: {open: true, current-patchset: true, approval: [{Verified: [1, 2], username: zuul}, {Workflow: 1}]}
    reject:
      local: {approval: [{Code-Review: -2}]}
    start: {local: {Verified: 0, comment: false}}
    success: {local: {Verified: 2, submit: true}, nats: {subject: done}}
    failure: {local: {Verified: -2}}
- pipeline:
    name: check
    manager: independent
    trigger: {local: [{event: [patchset-created, change-restored]}]}
- job: {name: base, parent: null, run: a.sh}
- project-template:
    name: both
    queue: integrated
    vars: {where: template}
    check: {jobs: [base]}
    gate: {jobs: [base]}
- project:
    name: ^org/.*
    templates: [both]
- project:
    name: org/lib
    vars: {where: project}
    check: {jobs: [{base: {semaphores: [port, door]}}]}
`

// TestCore shows what the scheduler learns of a configuration.
func TestCore(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/config@master/zuul.yaml": gateConfig}).load(t)
	core := l.Core()
	gate := core.Pipeline("gate")
	yes := true
	if diff := cmp.Diff([]scheduler.RefFilter{{Connection: "local", Open: &yes, CurrentPatchset: &yes}}, gate.Require, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Approvals" }, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
	votes := gate.Require[0].Approvals
	if len(votes) != 2 || votes[0].Label != "Verified" || !slices.Equal(votes[0].Values, []int{1, 2}) || !votes[0].Username[0].Match("zuul") {
		t.Errorf("approvals: %+v", votes)
	}
	if diff := cmp.Diff(scheduler.WindowConfig{Size: 10, Floor: 2, IncreaseFactor: 1, DecreaseExponential: true, DecreaseFactor: 2}, gate.Window); diff != "" {
		t.Error(diff)
	}
	first := gate.Triggers[0]
	if !first.Types[0].Match("comment-added") || first.Types[0].Match("comment-added-2") || first.Approvals[0].Label != "Code-Review" || !first.IgnoreDeletes {
		t.Errorf("trigger: %+v", first)
	}
	want := []scheduler.Reporter{{Connection: "local", Votes: map[string]int{"Verified": 2}, Submit: true, Comment: true}, {Connection: "nats", Comment: true, Options: map[string]string{"subject": "done"}}}
	if diff := cmp.Diff(want, gate.Reporters[scheduler.ActionSuccess]); diff != "" {
		t.Error(diff)
	}
	if len(gate.Reporters[scheduler.ActionMergeConflict]) != 1 || gate.Messages[scheduler.ActionFailure] != "Build failed." {
		t.Errorf("defaults are missing: %+v", gate)
	}
	if check := core.Pipeline("check"); check.Window != (scheduler.WindowConfig{}) || !check.AllowOtherConnections || !check.DequeueOnNewPatchset || check.Precedence != scheduler.PrecedenceNormal {
		t.Errorf("check: %+v", check)
	}
	app := core.Projects["local/org/app"]
	if app.Queue != "integrated" || !app.QueuePerBranch || !app.Pipelines["gate"] || app.Trusted || core.Projects["local/config"].Pipelines["gate"] {
		t.Errorf("project: %+v", app)
	}
	if core.Semaphores["port"] != 2 || core.Hash != l.Hash() {
		t.Errorf("semaphores %v, hash %s", core.Semaphores, core.Hash)
	}
}

// TestTemplateVars: a project's variables are over its templates', and a
// stanza adds variants to the jobs of templates.
func TestTemplateVars(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/config@master/zuul.yaml": gateConfig}).load(t)
	ref := scheduler.Ref{Project: "local/org/lib", Name: "org/lib", Branch: "master"}
	j := graph(t, l, []FreezeRef{{Ref: ref}}).Job("base")
	if string(j.Vars) != `{"where":"project"}` || !slices.Equal(j.Semaphores, []scheduler.SemaphoreName{"door", "port"}) {
		t.Errorf("vars %s, semaphores %v", j.Vars, j.Semaphores)
	}
	if j = graph(t, l, app("master")).Job("base"); string(j.Vars) != `{"where":"template"}` {
		t.Errorf("vars %s", j.Vars)
	}
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/config@master/zuul.yaml": gateConfig}).load(t)
	if got := l.Jobs(); !slices.Equal(got, []scheduler.JobName{"base", "noop"}) {
		t.Errorf("jobs %v", got)
	}
	if v := l.JobVariants("base"); len(v) != 1 || !v[0].IsBase() || l.ParentOf(v[0]) != "" || v[0].Source.String() != "local/config@master:zuul.yaml:30" {
		t.Errorf("variants %+v", v[0].Source)
	}
	if role, ok := l.JobVariants("base")[0].ImplicitRole(); !ok || role.TargetName != "config" {
		t.Errorf("role %+v", role)
	}
	var order []string
	for _, p := range l.Projects() {
		order = append(order, p.Name)
	}
	if strings.Join(order, " ") != "config org/app org/lib" {
		t.Errorf("projects %v", order)
	}
	var stanzas []string
	for _, s := range l.ProjectConfigs("local/org/lib") {
		stanzas = append(stanzas, s.Name)
	}
	if diff := cmp.Diff([]string{"^org/.*", "both", "org/lib"}, stanzas); diff != "" {
		t.Error(diff)
	}
	want := []TriggerConnection{{"local", "local"}, {"nats", "nats"}}
	if diff := cmp.Diff(want, l.Pipelines()[0].TriggerConnections); diff != "" {
		t.Error(diff)
	}
}

// TestShadow: of two projects with
// one job the one that shadows another gives way.
func TestShadow(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{
		"tenants.yaml": `- tenant:
    name: acme
    source:
      local:
        config-projects: [config]
        untrusted-projects: [org/app, {org/lib: {shadow: org/app}}]
`,
		"local/org/app@master/zuul.yaml": "- job: {name: x, run: app.sh}\n",
		"local/org/lib@master/zuul.yaml": "- job: {name: x, run: lib.sh}\n",
	}).load(t)
	if v := l.JobVariants("x"); len(v) != 1 || v[0].Source.Project != "local/org/app" {
		t.Errorf("got %+v", v)
	}
}

// TestSelectFiles shows where configuration is read from.
func TestSelectFiles(t *testing.T) {
	t.Parallel()
	files := []File{{Path: "zuul.d/b.yaml"}, {Path: "zuul.d/a.yaml"}, {Path: "zuul.d/x/.zuul.ignore"}, {Path: "zuul.d/x/c.yaml"}, {Path: "zuul.d/notes.txt"}, {Path: ".zuul.yaml"}, {Path: "ci/d.yaml"}, {Path: "cin.yaml"}}
	chosen, root, ignored := selectFiles(files, []string{"ci/"})
	var got []string
	for _, f := range chosen {
		got = append(got, f.Path)
	}
	if diff := cmp.Diff([]string{"zuul.d/a.yaml", "zuul.d/b.yaml", "ci/d.yaml"}, got); diff != "" {
		t.Error(diff)
	}
	if root != "zuul.d/" || !slices.Equal(ignored, []string{".zuul.yaml"}) {
		t.Errorf("root %s, ignored %v", root, ignored)
	}
}

// TestTenantSettings reads the settings and groups of a tenant.
func TestTenantSettings(t *testing.T) {
	t.Parallel()
	found, problems := ParseTenants("tenants.yaml", []byte(`- tenant:
    name: acme
    max-job-timeout: -1
    max-nodes-per-job: 7
    max-dependencies: 3
    max-changes-per-pipeline: 9
    default-parent: root
    web-root: https://ci.example.com/acme
    source:
      local:
        untrusted-projects:
          - include: [job]
            exclude-branches: [wip/.*]
            projects: [org/a, {org/b: {include: [], load-branch: main}}]
        config-projects:
          - config: {load-branch: main}
`), testConnections())
	if len(problems) != 0 || len(found) != 1 {
		t.Fatal(problems)
	}
	a := found[0]
	if a.MaxJobTimeout != 0 || a.MaxNodesPerJob != 7 || a.MaxDependencies != 3 || a.MaxChanges != 9 || a.DefaultParent != "root" || a.WebRoot != "https://ci.example.com/acme/" {
		t.Errorf("got %+v", a)
	}
	config, one, two := a.Projects[0], a.Project("org/a"), a.Project("local/org/b")
	if !config.Trusted || !config.LoadsBranch("main") || config.LoadsBranch("master") {
		t.Errorf("config: %+v", config)
	}
	if one.LoadsBranch("wip/x") || !one.LoadsBranch("master") || !slices.Equal(one.Classes, []string{"job"}) || len(two.Classes) != 0 {
		t.Errorf("group: %+v %+v", one, two)
	}
}

// TestScalars: plain words are read as PyYAML reads them.
func TestScalars(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"yes": "true", "Off": "false", "1:30": "90", "0o14": `"0o14"`, "014": "12", "0x1f": "31", "12e3": `"12e3"`, "1.5e+3": "1500",
		"08": `"08"`, "~": "null", `"yes"`: `"yes"`, "2026-11-20": `"2026-11-20"`, "1_000": "1000", "-0b11": "-3", ".inf": `".inf"`, "": "null",
	} {
		root, problems := parseYAML([]byte("a: "+text+"\n"), strictLimits)
		if len(problems) != 0 {
			t.Fatal(problems)
		}
		if got := string(appendJSON(nil, root)); got != `{"a":`+want+"}" {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
	root, _ := parseYAML([]byte("- &a {x: 1, y: 2}\n- {<<: *a, y: 3}\n"), strictLimits)
	if got := string(appendJSON(nil, root)); got != `[{"x":1,"y":2},{"x":1,"y":3}]` {
		t.Errorf("merge: %s", got)
	}
}
