package tenants

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/scheduler"
)

// cycle is an item with a change of org/app and one of org/lib, that of
// org/app first; trigger is the index of the one whose event came.
func cycle(trigger int, files ...[]string) []FreezeRef {
	refs := app("master")
	lib := refs[0]
	lib.Project, lib.Name, lib.Number = "local/org/lib", "org/lib", 2
	refs = append(refs, lib)
	refs[trigger].Trigger = true
	for i, list := range files {
		refs[i].Files, refs[i].FilesKnown = list, true
	}
	return refs
}

// edges renders a graph as name@refs <- dependencies.
func edges(g *scheduler.JobGraph) string {
	var b strings.Builder
	for i := range g.Jobs {
		j := &g.Jobs[i]
		fmt.Fprintf(&b, "%s@%d%v", j.Name, j.Ref, j.Shared)
		for _, d := range j.Dependencies {
			fmt.Fprintf(&b, " <- %s@%d", d.Name, d.Ref)
			if d.Soft {
				b.WriteString("?")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

const (
	appAndLib = "- project: {name: org/app, check: {jobs: [%s]}}\n- project: {name: org/lib, check: {jobs: [%s]}}\n"
	required  = "required-projects: [org/app, org/lib]"
)

// TestDeduplicate is scenario 70 and its kin of Zuul's suite: which jobs of a
// cycle one build can serve, and what they depend on.
func TestDeduplicate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		jobs    string
		trigger int
		want    string
	}{
		"auto, with required projects":    {"- job: {name: c, run: a, " + required + "}\n" + stanzas("c", "c"), 0, "c@0[1]\n"},
		"auto, without":                   {"- job: {name: c, run: a}\n" + stanzas("c", "c"), 0, "c@0[]\nc@1[]\n"},
		"true":                            {"- job: {name: c, run: a, deduplicate: true}\n" + stanzas("c", "c"), 0, "c@0[1]\n"},
		"false":                           {"- job: {name: c, run: a, deduplicate: false, " + required + "}\n" + stanzas("c", "c"), 0, "c@0[]\nc@1[]\n"},
		"the trigger's job stands for it": {"- job: {name: c, run: a, deduplicate: true}\n" + stanzas("a, c", "c"), 1, "a@0[]\nc@1[0]\n"},
		"noop":                            {stanzas("noop", "noop"), 0, "noop@0[1]\n"},
		"jobs that differ":                {"- job: {name: c, run: a, deduplicate: true}\n" + stanzas("c", "c: {timeout: 3}"), 0, "c@0[]\nc@1[]\n"},
		"variables of the project count":  {"- job: {name: c, run: a, deduplicate: true}\n- project: {name: org/app, vars: {x: 1}}\n" + stanzas("c", "c"), 0, "c@0[]\nc@1[]\n"},
		"descriptions do not":             {"- job: {name: c, run: a, deduplicate: true}\n" + stanzas("c", "c: {description: other}"), 0, "c@0[1]\n"},
		"a shared job needs all parents": {
			"- job: {name: c, run: a, deduplicate: true, dependencies: p}\n- job: {name: p, run: a}\n" + stanzas("p, c", "p, c"), 0,
			"p@0[]\nc@0[1] <- p@0 <- p@1\np@1[]\n",
		},
		"a job needs the shared parent": {
			"- job: {name: c, run: a, dependencies: p}\n- job: {name: p, run: a, deduplicate: true}\n" + stanzas("p, c", "p, c"), 1,
			"c@0[] <- p@1\np@1[0]\nc@1[] <- p@1\n",
		},
		"jobs depend on those of their own ref": {
			"- job: {name: c, run: a, dependencies: {name: p, soft: true}}\n- job: {name: p, run: a}\n" + stanzas("c", "p, c"), 0,
			"c@0[]\np@1[]\nc@1[] <- p@1?\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := defaultConfig + "- job: {name: a, run: a}\n" + tt.jobs
			l := testWorld(t, map[string]string{"local/config@master/zuul.yaml": config}).load(t)
			if diff := cmp.Diff(tt.want, edges(graph(t, l, cycle(tt.trigger)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func stanzas(app, lib string) string {
	list := func(jobs string) string {
		if strings.Contains(jobs, ":") {
			return "{" + jobs + "}"
		}
		return jobs
	}
	return fmt.Sprintf(appAndLib, list(app), list(lib))
}

// TestDeduplicateWithinProject: two changes of one project share their jobs.
func TestDeduplicateWithinProject(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": "- job: {name: c, run: a}\n- project: {check: {jobs: [c]}}\n"}).load(t)
	if got := edges(graph(t, l, append(app("master"), app("master")...))); got != "c@0[1]\n" {
		t.Errorf("got %s", got)
	}
}

// TestCycleErrors: every ref must have the dependencies of its own jobs.
func TestCycleErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ jobs, want string }{
		"missing for one ref":        {"- job: {name: c, run: a, dependencies: p}\n- job: {name: p, run: a}\n" + stanzas("p, c", "c"), "Job c depends on p which was not run."},
		"missing for the shared ref": {"- job: {name: c, run: a, deduplicate: true, dependencies: p}\n- job: {name: p, run: a}\n" + stanzas("p, c", "c"), "Job c depends on p which was not run."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := testWorld(t, map[string]string{"local/config@master/zuul.yaml": defaultConfig + tt.jobs}).load(t)
			_, err := l.Freeze("check", cycle(0), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want ...%s", err, tt.want)
			}
		})
	}
}

// TestCycleFiles: a shared job runs when the files of one change ask for it,
// and every ref keeps what its own jobs need.
func TestCycleFiles(t *testing.T) {
	t.Parallel()
	jobs := "- job: {name: c, run: a, deduplicate: true, files: src/}\n- job: {name: p, run: a, files: none}\n- job: {name: q, run: a, dependencies: p, files: lib/}\n" + stanzas("c, p, q", "c, p, q")
	l := testWorld(t, map[string]string{"local/config@master/zuul.yaml": defaultConfig + jobs}).load(t)
	got := edges(graph(t, l, cycle(0, []string{"doc/a"}, []string{"src/a", "lib/b"})))
	if diff := cmp.Diff("c@0[1]\np@1[]\nq@1[] <- p@1\n", got); diff != "" {
		t.Error(diff)
	}
}

// TestCycleFailFast: the last change that says it wins.
func TestCycleFailFast(t *testing.T) {
	t.Parallel()
	for _, last := range []bool{true, false} {
		jobs := fmt.Sprintf("- project: {name: org/app, check: {fail-fast: %t, jobs: [noop]}}\n- project: {name: org/lib, check: {fail-fast: %t, jobs: [noop]}}\n", !last, last)
		l := testWorld(t, map[string]string{"local/config@master/zuul.yaml": defaultConfig + jobs}).load(t)
		if got := graph(t, l, cycle(0)).FailFast; got != last {
			t.Errorf("fail-fast is %t, want %t", got, last)
		}
	}
}
