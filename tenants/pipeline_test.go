package tenants

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gozer-ci/gozer/scheduler"
)

const everyPipeline = `- pipeline:
    name: check
    manager: independent
    window: 7
    ignore-dependencies: true
    allow-other-connections: false
    trigger:
      local: [{event: patchset-created}]
      zuul: [{event: parent-change-enqueued, pipeline: gate}, {event: project-change-merged}]
    failure: {local: {Verified: -1}}
- pipeline:
    name: gate
    manager: dependent
    trigger: {local: [{event: comment-added}]}
    window: 5
    window-floor: 2
    window-ceiling: 9
    window-increase-type: exponential
    window-increase-factor: 3
    window-decrease-type: linear
    window-decrease-factor: 4
    disable-after-consecutive-failures: 3
    dequeue-on-new-patchset: false
    supercedes: check
    enqueue: {local: {comment: true}}
    start: {local: {Verified: 0}}
    success: {local: {Verified: 2, submit: true}}
    failure: {local: {Verified: -2}}
    merge-conflict: {local: {Verified: -1}}
    config-error: {}
    no-jobs: {nats: {subject: empty}}
    dequeue: {local: {}}
    disabled: {nats: {subject: disabled}}
    enqueue-message: in
    start-message: begun
    success-message: good
    failure-message: bad
    merge-conflict-message: clash
    no-jobs-message: none
    dequeue-message: out
    footer-message: bye
- pipeline:
    name: deploy
    manager: serial
    trigger: {local: [{event: change-merged}]}
- pipeline:
    name: promote
    manager: supercedent
    precedence: low
    trigger: {local: [{event: change-merged}]}
- job: {name: base, parent: null, run: run.sh}
- queue: {name: shared, per-branch: true, allow-circular-dependencies: true, dependencies-by-topic: true}
- semaphore: {name: own, max: 3}
- project: {name: org/app, queue: shared}
`

const semaphoreTenant = `- global-semaphore: {name: printer, max: 2}
- global-semaphore: {name: unused}
- tenant:
    name: acme
    semaphores: [printer]
    max-changes-per-pipeline: 8
    max-dependencies: 6
    source:
      local:
        config-projects: [config]
        untrusted-projects: [org/app, org/lib]
`

// TestPipelines: what is written is what the scheduler is told.
func TestPipelines(t *testing.T) {
	t.Parallel()
	w := testWorld(t, map[string]string{"tenants.yaml": semaphoreTenant, "local/config@master/zuul.yaml": everyPipeline})
	tenant := w.tenant(t)
	tenant.RelativePriority = true
	l, problems := tenant.Load(w.live)
	if len(problems) != 0 {
		t.Fatalf("unexpected problems:\n%s", problems)
	}
	c := l.Core()
	check, gate := c.Pipeline("check"), c.Pipeline("gate")
	one := scheduler.WindowConfig{Size: 1, Floor: 1, Ceiling: 1, IncreaseFactor: 1, DecreaseFactor: 1}
	windows := map[scheduler.PipelineName]scheduler.WindowConfig{
		"check": {}, "deploy": one, "promote": one,
		"gate": {Size: 5, Floor: 2, Ceiling: 9, IncreaseExponential: true, IncreaseFactor: 3, DecreaseFactor: 4},
	}
	for name, want := range windows {
		if diff := cmp.Diff(want, c.Pipeline(name).Window); diff != "" {
			t.Errorf("window of %s: %s", name, diff)
		}
	}
	if check.AllowOtherConnections || !check.IgnoreDependencies || len(check.Triggers) != 3 {
		t.Errorf("check is %+v", check)
	}
	zuul := check.Triggers[1]
	if zuul.Connection != scheduler.ZuulConnection || !zuul.Types[0].Match("parent-change-enqueued") || !zuul.Pipelines[0].Match("gate") || len(check.Triggers[2].Pipelines) != 0 {
		t.Errorf("internal trigger is %+v", zuul)
	}
	if gate.DisableAfter != 3 || gate.DequeueOnNewPatchset || !cmp.Equal(gate.Supercedes, []scheduler.PipelineName{"check"}) {
		t.Errorf("gate is %+v", gate)
	}
	if c.MaxChanges != 8 || c.MaxDependencies != 6 || !c.RelativePriority {
		t.Errorf("limits are %d %d, relative priority %t", c.MaxChanges, c.MaxDependencies, c.RelativePriority)
	}
}

func TestReporterPhases(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/config@master/zuul.yaml": everyPipeline}).load(t)
	gate := l.Core().Pipeline("gate")
	votes := map[scheduler.Action]int{"start": 0, "success": 2, "failure": -2, "merge-conflict": -1, "config-error": -2}
	for action, want := range votes {
		if got := gate.Reporters[action]; len(got) != 1 || got[0].Votes["Verified"] != want {
			t.Errorf("%s reports %+v, want a vote of %d", action, got, want)
		}
	}
	for _, action := range []scheduler.Action{"enqueue", "no-jobs", "dequeue", "disabled"} {
		if len(gate.Reporters[action]) != 1 {
			t.Errorf("%s has no reporter", action)
		}
	}
	want := map[scheduler.Action]string{
		"enqueue": "in", "start": "begun", "success": "good", "failure": "bad",
		"merge-conflict": "clash", "no-jobs": "none", "dequeue": "out",
	}
	if diff := cmp.Diff(want, gate.Messages); diff != "" || gate.Footer != "bye" {
		t.Errorf("messages: %s, footer %q", diff, gate.Footer)
	}
}

func TestQueuesAndSemaphores(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"tenants.yaml": semaphoreTenant, "local/config@master/zuul.yaml": everyPipeline}).load(t)
	want := scheduler.ProjectConfig{
		Name: "org/app", Connection: "local", Queue: "shared", QueuePerBranch: true,
		AllowCircularDependencies: true, DependenciesByTopic: true,
	}
	if diff := cmp.Diff(want, l.Core().Projects["local/org/app"], cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	own, global := map[scheduler.SemaphoreName]int{"own": 3}, map[scheduler.SemaphoreName]int{"printer": 2}
	if !cmp.Equal(l.Core().Semaphores, own) || !cmp.Equal(l.Core().GlobalSemaphores, global) {
		t.Errorf("semaphores %v, global ones %v", l.Core().Semaphores, l.Core().GlobalSemaphores)
	}
	if got := l.Semaphores(); len(got) != 2 || got["printer"] != 2 {
		t.Errorf("all semaphores are %v", got)
	}
}
