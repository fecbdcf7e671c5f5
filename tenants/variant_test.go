package tenants

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/scheduler"
)

// describeJob renders what the inheritance rules decide about.
func describeJob(j *scheduler.FrozenJob) string {
	var b strings.Builder
	add := func(name string, value any) {
		if s := fmt.Sprint(value); s != "[]" && s != "0s" && s != "false" {
			fmt.Fprintf(&b, "%s %s\n", name, s)
		}
	}
	add("timeout", j.Timeout)
	add("hold", j.HoldFollowing)
	add("requires", j.Requires)
	add("provides", j.Provides)
	add("semaphores", j.Semaphores)
	add("resources-first", j.ResourcesFirst)
	add("failure-output", j.FailureOutput)
	for _, n := range append([]scheduler.Nodeset{j.Nodeset}, j.Alternatives...) {
		for _, m := range n.Nodes {
			add("node", m.Label)
		}
	}
	for _, p := range j.Run {
		add("run", fmt.Sprint(p.Path, " level ", p.Level))
		add("takes", p.Semaphores)
	}
	return b.String()
}

// TestInheritance goes through the rules by which variants are applied (Zuul
// semantics, section 8.1) to a job j.
func TestInheritance(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ app, want string }{
		"lists are joined": {`
- job: {name: p, run: a, requires: a, provides: [x, y], failure-output: [bad], semaphores: [b, {name: c, resources-first: true}]}
- job: {name: j, parent: p, requires: b, provides: x, failure-output: [awful], semaphores: a}
`, "requires [a b]\nprovides [x y]\nsemaphores [a b c]\nresources-first [c]\nfailure-output [awful bad]\nrun a level 1\n"},
		"lists are overridden": {`
- job: {name: p, run: a, requires: a, provides: [x, y], failure-output: [bad]}
- job: {name: j, parent: p, requires: !override b, provides: !override [x], failure-output: !override [awful]}
`, "requires [b]\nprovides [x]\nfailure-output [awful]\nrun a level 1\n"},
		"run is replaced, every definition is a level": {`
- job: {name: p, run: a}
- job: {name: j, parent: p, timeout: 5}
- job: {name: j, run: [{name: b, semaphores: [t, s]}, c]}
`, "timeout 5s\nrun b level 3\ntakes [s t]\nrun c level 3\n"},
		"the newer word for semaphores wins": {`
- job: {name: j, run: a, semaphores: {name: new}, semaphore: old}
`, "semaphores [new]\nrun a level 1\n"},
		"the older word for semaphores works": {`
- job: {name: j, run: a, semaphore: {name: old, resources-first: true}}
`, "semaphores [old]\nresources-first [old]\nrun a level 1\n"},
		"alternatives in the order they are found": {`
- nodeset: {name: fast, alternatives: [one, {alternatives: [two, one]}, {nodes: [{name: n, label: inline}]}]}
- nodeset: {name: one, nodes: [{name: n, label: first}]}
- nodeset: {name: two, nodes: [{name: n, label: second}]}
- job: {name: j, run: a, nodeset: fast}
`, "node first\nnode second\nnode first\nnode inline\nrun a level 1\n"},
		"an heir of abstract jobs runs": {`
- job: {name: p, run: a, abstract: true, intermediate: true}
- job: {name: q, parent: p, abstract: true}
- job: {name: j, parent: q, hold-following-changes: true}
`, "hold true\nrun a level 1\n"},
		"a context attribute of a final job": {`
- job: {name: j, run: a, final: true}
- project: {check: {jobs: [{j: {requires: x, hold-following-changes: true}}]}}
`, "hold true\nrequires [x]\nrun a level 1\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": tt.app + "- project: {check: {jobs: [j]}}\n"}).load(t)
			got := strings.Replace(describeJob(graph(t, l, app("master")).Job("j")), "node base\n", "", 1)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestForbiddenVariants are what a job does not let its heirs do.
func TestForbiddenVariants(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ app, lib, want string }{
		"a variant of a final job":               {"- job: {name: j, run: a, final: true}\n- job: {name: j, voting: false}\n", "", "Unable to modify final job j attribute roles"},
		"the project's words on a final job":     {"- job: {name: j, run: a, final: true}\n- project: {check: {jobs: [{j: {timeout: 5}}]}}\n", "", "Unable to modify final job j attribute timeout"},
		"a protected job in another project":     {"- job: {name: j, parent: p}\n", "- job: {name: p, run: a, protected: true}\n", "Job p which is defined in local/org/lib is protected and cannot be inherited from other projects"},
		"an heir is as protected":                {"- job: {name: j, parent: q}\n", "- job: {name: p, run: a, protected: true}\n- job: {name: q, parent: p}\n", "Job q which is defined in local/org/lib is protected"},
		"protection cannot be taken away":        {"- job: {name: j, run: a, protected: true}\n- job: {name: j, protected: false}\n", "", "Unable to reset protected attribute of job j"},
		"the project's words on intermediate":    {"- job: {name: j, run: a, abstract: true, intermediate: true}\n", "", "Intermediate job j may only be inherited by another abstract job"},
		"a variant cannot make a job concrete":   {"- job: {name: j, run: a, abstract: true}\n- job: {name: j, abstract: false}\n", "", "Job j is abstract and may not be directly run"},
		"a semaphore of job and playbook":        {"- job: {name: p, run: {name: a, semaphores: s}}\n- job: {name: j, parent: p, semaphores: s}\n", "", "Semaphore s of job j is specified as both job and playbook semaphore"},
		"an attribute that is final":             {"- job: {name: p, run: a, attribute-control: {provides: {final: true}}}\n- job: {name: j, parent: p, provides: x}\n", "", "Unable to modify job p final attribute provides"},
		"allowed projects only get fewer":        {"- job: {name: p, run: a, allowed-projects: org/lib}\n- job: {name: j, parent: p, allowed-projects: [org/app, org/lib]}\n", "", "Project org/app is not allowed to run job j"},
		"post-review stays":                      {"- job: {name: p, run: a, post-review: true}\n- job: {name: j, parent: p}\n", "", "does not allow post-review job j"},
		"a hard dependency that is nowhere":      {"- job: {name: j, run: a, dependencies: other, files: nothing}\n- job: {name: other, run: a}\n", "", "Job j depends on other which was not run."},
		"passing secrets to untrusted playbooks": {"- job: {name: p, run: a}\n- secret: {name: s, data: {a: b}}\n- job: {name: j, parent: p, secrets: [{secret: s, name: s, pass-to-parent: true}]}\n", "", "does not allow post-review job j"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testWorld(t, map[string]string{
				"local/org/app@master/zuul.yaml": tt.app + "- project: {check: {jobs: [j]}}\n",
				"local/org/lib@master/zuul.yaml": tt.lib,
			})
			l, _ := w.tenant(t).Load(w.live)
			_, err := l.Freeze("check", app("master", "README"), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want ...%s", err, tt.want)
			}
		})
	}
}

// TestTrustedProjectAllows: a config-project may attach a job to any project.
func TestTrustedProjectAllows(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{
		"local/config@master/zuul.yaml":  defaultConfig + "- project: {name: org/app, check: {jobs: [j]}}\n",
		"local/org/lib@master/zuul.yaml": "- job: {name: j, run: a, allowed-projects: org/lib}\n",
	}).load(t)
	if got := names(graph(t, l, app("master"))); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

// TestOverrideCheckout: an heir that wants another branch of a project is
// given the definitions of that branch, and of that one alone.
func TestOverrideCheckout(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ app, want string }{
		"of all projects":            {"- job: {name: j, parent: p, override-checkout: stable}\n- project: {check: {jobs: [j]}}\n", "stable.sh"},
		"of the one that defines":    {"- job: {name: j, parent: p, required-projects: [{name: org/lib, override-checkout: stable}]}\n- project: {check: {jobs: [j]}}\n", "stable.sh"},
		"said by the project":        {"- job: {name: j, parent: p}\n- project: {check: {jobs: [{j: {override-checkout: stable}}]}}\n", "stable.sh"},
		"a branch that it lacks":     {"- job: {name: j, parent: p, override-checkout: gone}\n- project: {check: {jobs: [j]}}\n", "master.sh"},
		"of a project beside":        {"- job: {name: j, parent: p, required-projects: [{name: config, override-checkout: stable}]}\n- project: {check: {jobs: [j]}}\n", "master.sh"},
		"nothing is wanted":          {"- job: {name: j, parent: p}\n- project: {check: {jobs: [j]}}\n", "master.sh"},
		"said by an heir in between": {"- job: {name: j, parent: q}\n- project: {check: {jobs: [{j: {override-checkout: stable}}]}}\n", "own.sh"},
	}
	lib := "- job: {name: q, parent: p, override-checkout: master, run: own.sh, branches: stable}\n"
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := testWorld(t, map[string]string{
				"local/org/app@master/zuul.yaml": tt.app,
				"local/org/lib@master/zuul.yaml": "- job: {name: p, run: master.sh}\n",
				"local/org/lib@stable/zuul.yaml": "- job: {name: p, run: stable.sh}\n" + lib,
			}).load(t)
			if got := paths(graph(t, l, app("master")).Job("j").Run); got != tt.want {
				t.Errorf("runs %s, want %s", got, tt.want)
			}
		})
	}
}

// TestChangedJobs: what a change does to a job's definition makes it run,
// whatever files the job looks at.
func TestChangedJobs(t *testing.T) {
	t.Parallel()
	const before = "- job: {name: j, run: a, files: src/, description: d, tags: x}\n- project: {check: {jobs: [j]}}\n"
	tests := map[string]struct {
		edit [2]string
		want bool
	}{
		"a tag":                       {[2]string{"tags: x", "tags: y"}, true},
		"the matchers":                {[2]string{"src/", "lib/"}, false},
		"the description":             {[2]string{"description: d", "description: e"}, false},
		"the project's words":         {[2]string{"[j]", "[{j: {voting: false}}]"}, true},
		"the line alone":              {[2]string{"- job", "\n\n- job"}, false},
		"a job that does not care":    {[2]string{"tags: x", "timeout: 9, match-on-config-updates: false"}, false},
		"another graph that is wrong": {[2]string{"tags: x", "tags: y, dependencies: gone"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": before}).load(t)
			next, _ := live.With(override("local/org/app", "master", strings.Replace(before, tt.edit[0], tt.edit[1], 1)))
			if name == "another graph that is wrong" {
				next, live = live, next
			}
			f, err := next.Freeze("check", app("master", "zuul.yaml"), live)
			if err != nil || (f.Graph != nil) != tt.want {
				t.Errorf("runs %t, %v; want %t", f.Graph != nil, err, tt.want)
			}
		})
	}
}

// TestTraceIsBounded: debug lines go into the log.
func TestTraceIsBounded(t *testing.T) {
	t.Parallel()
	var nobody *trace
	nobody.add(0, "nothing")
	asked := &trace{}
	for range maxTrace + 3 {
		asked.add(1, "line")
	}
	got := asked.told()
	if nobody.told() != nil || len(got) != maxTrace+1 || got[0] != "  line" || got[maxTrace] != "... and 3 more lines" {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-1])
	}
}
