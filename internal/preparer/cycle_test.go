package preparer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
)

// jobRefs renders the jobs of an item with the refs that they serve.
func jobRefs(p scheduler.PreparedItem) string {
	var out []string
	if p.Graph != nil {
		for _, j := range p.Graph.Jobs {
			out = append(out, fmt.Sprintf("%s@%d%v", j.Name, j.Ref, j.Shared))
		}
	}
	return strings.Join(out, " ")
}

// TestCycleOfTwoProjects: both changes are merged, both change the
// configuration, and each has its own jobs.
func TestCycleOfTwoProjects(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	shared := "required-projects: [app, lib], deduplicate: auto"
	defines := r.change("lib", "main", files{".zuul.yaml": runs("lib") + "- job: {name: both, run: test.sh, " + shared + "}\n- project: {gate: {jobs: [both]}}\n"})
	uses := r.change("app", "main", files{".zuul.yaml": runs("unit") + "- project: {gate: {jobs: [both]}}\n"})
	got := r.gate(nil, uses, defines)
	if len(got.ConfigErrors) > 0 || jobRefs(got) != "unit@0[] both@0[1] lib@1[]" {
		t.Errorf("jobs %s, errors %q", jobRefs(got), got.ConfigErrors)
	}
	for _, project := range []string{"app", "lib"} {
		if e := entry(got.State, project, "main"); !e.Config || e.Context || e.Commit == e.Base {
			t.Errorf("%s is %+v in the state", project, e)
		}
	}
	triggered := r.prepare(scheduler.PrepareItem{Pipeline: "gate", Live: true, Refs: []scheduler.Ref{uses, defines}, Trigger: 1})
	if jobRefs(triggered) != "unit@0[] lib@1[] both@1[0]" {
		t.Errorf("brought by the second change, the jobs are %s", jobRefs(triggered))
	}
	if alone := r.gate(nil, uses); len(alone.ConfigErrors) == 0 {
		t.Errorf("without the other change, it has the jobs %s", jobRefs(alone))
	}
}

// TestCycleOfOneBranch: the changes are merged one on the other, in the order
// of the item, and files count for the change that touches them.
func TestCycleOfOneBranch(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	r.branch("app", "main", files{".zuul.yaml": "- job: {name: a, run: test.sh, files: one}\n- job: {name: b, run: test.sh, files: two}\n- project: {gate: {jobs: [a, b]}}\n"})
	r.load()
	first := r.change("app", "main", files{"one": "1\n"})
	second := r.change("app", "main", files{"two": "2\n"})
	got := r.gate(nil, second, first)
	if jobRefs(got) != "a@0[1] b@0[1]" {
		t.Errorf("jobs %s", jobRefs(got))
	}
	merged := entry(got.State, "app", "main")
	tree := r.git("app", "--git-dir", r.bare("app"), "ls-tree", "--name-only", merged.Commit)
	if tree != ".zuul.yaml\none\ntest.sh\ntwo" || len(got.State) != 2 {
		t.Errorf("merged to %q, state %+v", tree, got.State)
	}
	clash := r.gate(nil, r.change("app", "main", files{"one": "other\n"}), r.change("lib", "main", files{"l": "1\n"}), first)
	if !clash.Conflict || !strings.Contains(clash.Detail, "one") {
		t.Errorf("conflicting changes give %+v", clash)
	}
}

// TestContextOfEveryRef: a job finds required projects on the branch of the
// change that it tests.
func TestContextOfEveryRef(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	tip := r.git("config", "rev-parse", "HEAD")
	stable := r.branch("config", "stable", files{"s": "s\n"})
	runsOne := "- project: {gate: {jobs: [%s]}}\n- job: {name: %s, run: test.sh, required-projects: [config], deduplicate: false}\n"
	r.branch("app", "stable", files{".zuul.yaml": fmt.Sprintf(runsOne, "old", "old")})
	r.branch("app", "main", files{".zuul.yaml": fmt.Sprintf(runsOne, "unit", "unit")})
	r.load()
	got := r.gate(nil, r.change("app", "main", files{"x": "x\n"}), r.change("app", "stable", files{"y": "y\n"}))
	if jobRefs(got) != "unit@0[] old@1[]" {
		t.Errorf("jobs %s: %+v", jobRefs(got), got)
	}
	for branch, want := range map[string]string{"main": tip, "stable": stable} {
		if e := entry(got.State, "config", branch); e.Commit != want {
			t.Errorf("config on %s is %+v, want %s", branch, e, want)
		}
	}
}
