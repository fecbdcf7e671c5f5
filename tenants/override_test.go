package tenants

import (
	"strings"
	"testing"
)

const liveApp = `- job: {name: a, run: a.sh, files: [src/]}
- semaphore: {name: s, max: 1}
- project: {check: {jobs: [a]}}
`

func override(project, branch, data string) []ProjectBranch {
	return addFile(nil, project+"@"+branch+"/zuul.yaml", []byte(data))
}

// TestSpeculativeConfiguration: a change of an untrusted project takes effect
// for itself, and only what it changed runs whatever files it touches.
func TestSpeculativeConfiguration(t *testing.T) {
	t.Parallel()
	live := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": liveApp}).load(t)
	next, problems := live.With(override("local/org/app", "master", strings.Replace(liveApp, "a.sh", "b.sh", 1)+"- job: {name: new, run: n.sh, files: [src/]}\n"))
	if len(problems) != 0 || next.Hash() == live.Hash() {
		t.Fatalf("problems %v, hash %s", problems, next.Hash())
	}
	refs := app("master", "zuul.yaml")
	f, err := next.Freeze("check", refs, live)
	if err != nil || f.Graph == nil || paths(f.Graph.Job("a").Run) != "b.sh" {
		t.Fatalf("the changed job does not run: %+v, %v", f.Graph, err)
	}
	if f, err = next.Freeze("check", refs, next); err != nil || f.Graph != nil {
		t.Errorf("a job that is as ahead runs: %+v, %v", f.Graph, err)
	}
	matchers, problems := live.With(override("local/org/app", "master", strings.Replace(liveApp, "src/", "lib/", 1)))
	if f, err = matchers.Freeze("check", refs, live); err != nil || f.Graph != nil || len(problems) != 0 {
		t.Errorf("editing only the matchers runs the job: %+v, %v", f.Graph, err)
	}
	more, _ := live.With(override("local/org/app", "master", strings.Replace(liveApp, "max: 1", "max: 9", 1)))
	if got := more.Core().Semaphores["s"]; got != 1 {
		t.Errorf("a change gives itself a semaphore of %d", got)
	}
}

// TestRelevantErrors: a change answers for its own branch and for what it
// breaks elsewhere, not for what was broken before.
func TestRelevantErrors(t *testing.T) {
	t.Parallel()
	w := testWorld(t, map[string]string{
		"local/org/app@master/zuul.yaml": liveApp,
		"local/org/lib@master/zuul.yaml": "- project: {check: {jobs: [gone]}}\n",
	})
	live, problems := w.tenant(t).Load(w.live)
	if !problems.HasErrors() {
		t.Fatal("the broken project is not told")
	}
	tests := map[string]struct{ data, want string }{
		"unrelated change": {liveApp + "- job: {name: b, run: b}\n", ""},
		"own error":        {liveApp + "- job: {name: b, runs: b}\n", `job has no attribute "runs"`},
		"own reference":    {"- project: {check: {jobs: [a]}}\n", `the job "a" is not defined`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got := live.With(override("local/org/app", "master", tt.data))
			if tt.want == "" && len(got) != 0 || !strings.Contains(got.String(), tt.want) {
				t.Errorf("got %s, want %q", got, tt.want)
			}
		})
	}
}

// TestConfigProjectIsOnlyChecked: a change of a config-project changes nothing
// before it merges, but must be right.
func TestConfigProjectIsOnlyChecked(t *testing.T) {
	t.Parallel()
	live := testWorld(t, nil).load(t)
	next, problems := live.With(override("local/config", "master", defaultConfig+"- job: {name: new, run: n.sh}\n"))
	if len(problems) != 0 || next != live {
		t.Errorf("got %v, same layout %t", problems, next == live)
	}
	if _, problems = live.With(override("local/config", "master", "- job: {name: base}\n")); !problems.HasErrors() {
		t.Error("the broken change is not told")
	}
	if next, problems = live.With(override("local/config", "feature", "- nonsense\n")); len(problems) != 0 || next != live {
		t.Errorf("a branch that is not loaded counts: %v", problems)
	}
}

// TestCache: an unchanged file is not read again.
func TestCache(t *testing.T) {
	t.Parallel()
	w := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": liveApp, "local/org/lib@master/zuul.yaml": liveApp})
	tenant := w.tenant(t)
	first, _ := tenant.Load(w.live)
	again, _ := tenant.Load(w.live)
	if first.branches[1].files[0] != again.branches[1].files[0] || first.Hash() != again.Hash() {
		t.Error("the second load differs from the first")
	}
	next, _ := again.With(override("local/org/app", "master", liveApp+"\n"))
	if next.branches[2].files[0] != again.branches[2].files[0] {
		t.Error("a file that did not change was read again")
	}
}
