package preparer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/scheduler"
)

// acmeRoom has the projects config, app with job unit, and lib with job lib.
func acmeRoom(t *testing.T) *room {
	t.Helper()
	r := newRoom(t, acme)
	r.found("config", "main", files{"zuul.yaml": pipelines, "pre.sh": "true\n"})
	r.found("app", "main", files{".zuul.yaml": runs("unit"), "test.sh": "true\n"})
	r.found("lib", "main", files{".zuul.yaml": runs("lib"), "test.sh": "true\n"})
	if out := r.load(); out.Errors != 0 {
		t.Fatal(r.problems())
	}
	return r
}

func TestPlainChange(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	tip := r.git("app", "rev-parse", "HEAD")
	c := r.change("app", "main", files{"new": "x\n"})
	got := r.gate(nil, c)
	wantJobs(t, got, "unit")
	own := entry(got.State, "app", "main")
	if own.Commit != r.git("app", "rev-parse", "HEAD") || own.Base != tip || own.Config || own.Context {
		t.Errorf("state %+v", got.State)
	}
	if diff := cmp.Diff(got, r.gate(nil, c)); diff != "" {
		t.Errorf("asked again it answers something else: %s", diff)
	}
	r.restart()
	r.load()
	if diff := cmp.Diff(got, r.gate(nil, c)); diff != "" {
		t.Errorf("after a restart it answers something else: %s", diff)
	}
}

func TestSeriesOnTheStateAhead(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	first := r.change("app", "main", files{"one": "1\n"})
	second := r.change("lib", "main", files{"two": "2\n"})
	third := r.change("app", "main", files{"three": "3\n"})
	a := r.gate(nil, first)
	b := r.gate(a.State, second)
	c := r.gate(b.State, third)
	wantJobs(t, b, "lib")
	wantJobs(t, c, "unit")
	merged := entry(c.State, "app", "main")
	if got := r.git("app", "--git-dir", r.bare("app"), "ls-tree", "--name-only", merged.Commit); got != ".zuul.yaml\none\ntest.sh\nthree" {
		t.Errorf("the third change is tested with\n%s", got)
	}
	if merged.Base != entry(a.State, "app", "main").Base || entry(c.State, "lib", "main").Commit != entry(b.State, "lib", "main").Commit {
		t.Errorf("state %+v", c.State)
	}
	both := r.gate(nil, first, third)
	if got := entry(both.State, "app", "main").Commit; got != merged.Commit {
		t.Errorf("as one item they make %s, one behind the other %s", got, merged.Commit)
	}
}

func TestConfigurationTakesEffectBeforeItMerges(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	own := r.change("app", "main", files{".zuul.yaml": runs("unit", "fresh")})
	behind := r.change("app", "main", files{"plain": "x\n"})
	a := r.gate(nil, own)
	wantJobs(t, a, "unit fresh")
	if !entry(a.State, "app", "main").Config {
		t.Errorf("state %+v", a.State)
	}
	wantJobs(t, r.gate(a.State, behind), "unit fresh")
	wantJobs(t, r.gate(nil, behind), "unit")
	// A change ahead in another project that is not live changes it as well.
	ahead := r.prepare(scheduler.PrepareItem{Pipeline: "gate", Refs: []scheduler.Ref{own}})
	if ahead.Graph != nil || len(ahead.ConfigErrors) > 0 {
		t.Errorf("an item that runs nothing has %+v", ahead)
	}
	uses := r.change("lib", "main", files{".zuul.yaml": "- project: {gate: {jobs: [fresh]}}\n"})
	wantJobs(t, r.gate(ahead.State, uses), "fresh")
	if alone := r.gate(nil, uses); len(alone.ConfigErrors) == 0 || !strings.Contains(alone.ConfigErrors[0], "fresh") {
		t.Errorf("without the change ahead it is %+v", alone)
	}
}

func TestWrongConfigurationBlocksWithItsDiagnostic(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	for text, want := range map[string]string{
		"- job: {name: unit, parnet: base}\n":                                                        "parnet",
		"- job: {name: a, parent: b}\n- job: {name: b, parent: a}\n- project: {gate: {jobs: [a]}}\n": "cycle",
		"- job: {name: a, parent: absent, run: x}\n- project: {gate: {jobs: [a]}}\n":                 "absent",
		"- job: [\n": "local/app@main:.zuul.yaml:",
		"- pipeline: {name: own, manager: independent}\n": "pipeline",
		"- job: {name: caf\xff, run: x}\n":                "UTF-8",
		strings.Repeat("# line\n", 200_000):               "1048576",
	} {
		got := r.gate(nil, r.change("app", "main", files{".zuul.yaml": text}))
		if !got.InPipeline || got.Graph != nil || got.Conflict || !strings.Contains(strings.Join(got.ConfigErrors, "\n"), want) {
			t.Errorf("%.60q: want a problem with %q: %+v", text, want, got)
		}
		for _, e := range got.ConfigErrors {
			if !strings.Contains(e, "local/app@main:.zuul.yaml") {
				t.Errorf("%.60q: the problem has no place: %s", text, e)
			}
		}
	}
}

func TestFreezeErrorBlocks(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	c := r.change("app", "main", files{".zuul.yaml": "- job: {name: a, abstract: true, run: x}\n- project: {gate: {jobs: [a]}}\n"})
	if got := r.gate(nil, c); len(got.ConfigErrors) != 1 || !strings.Contains(got.ConfigErrors[0], "Unable to freeze job graph: Job a is abstract") || got.Graph != nil {
		t.Errorf("got %+v", got)
	}
}

func TestBrokenProjectElsewhereDoesNotBlock(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	r.branch("lib", "main", files{".zuul.yaml": "- job: [\n"})
	if out := r.load(); out.Errors == 0 {
		t.Fatal("no problem was found")
	}
	got := r.gate(nil, r.change("app", "main", files{".zuul.yaml": runs("unit", "more")}))
	wantJobs(t, got, "unit more")
	if len(got.Warnings) > 0 {
		t.Errorf("warnings %q", got.Warnings)
	}
	mend := r.change("lib", "main", files{".zuul.yaml": runs("lib")})
	wantJobs(t, r.gate(nil, mend), "lib")
	wantBlocked := r.gate(nil, r.change("lib", "main", files{"other": "x\n"}))
	if wantBlocked.InPipeline || wantBlocked.Graph != nil || len(wantBlocked.ConfigErrors) > 0 {
		t.Errorf("a change that leaves its project broken has %+v", wantBlocked)
	}
}

func TestWarningsAreThoseOfTheOwnProject(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	c := r.change("app", "main", files{"zuul.yaml": runs("other")}) // beside .zuul.yaml
	got := r.gate(nil, c)
	wantJobs(t, got, "other")
	if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "multiple-configurations") {
		t.Errorf("warnings %q", got.Warnings)
	}
	behind := r.change("lib", "main", files{"x": "x\n"})
	if got := r.gate(got.State, behind); len(got.Warnings) > 0 {
		t.Errorf("the change behind, of another project, gets warnings %q", got.Warnings)
	}
}

func TestChangeOfAConfigProjectIsOnlyValidated(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	good := r.change("config", "main", files{"zuul.yaml": pipelines + "- job: {name: later, run: x}\n- project: {name: app, gate: {jobs: [later]}}\n- project: {gate: {jobs: [base]}}\n"})
	got := r.gate(nil, good)
	if len(got.ConfigErrors) > 0 || got.Graph != nil || got.InPipeline {
		t.Errorf("a good change has %+v", got)
	}
	wantJobs(t, r.gate(got.State, r.change("app", "main", files{"x": "x\n"})), "unit")
	bad := r.gate(nil, r.change("config", "main", files{"zuul.yaml": pipelines + "- job: {name: x, parent: absent, run: x}\n- project: {name: app, gate: {jobs: [x]}}\n"}))
	if len(bad.ConfigErrors) == 0 || !strings.Contains(bad.ConfigErrors[0], "absent") {
		t.Errorf("a bad change has %+v", bad)
	}
}

func TestConflict(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	a := r.change("app", "main", files{"f\xffile": "a\n"})
	b := r.change("app", "main", files{"f\xffile": "b\n"})
	got := r.gate(r.gate(nil, a).State, b)
	if !got.Conflict || got.Graph != nil || !got.InPipeline || !strings.Contains(got.Detail, "f\uFFFDile") {
		t.Errorf("got %+v", got)
	}
}

func TestBranchAfterAMerge(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	old := r.git("app", "rev-parse", "HEAD")
	tip := r.branch("app", "main", files{"x": "x\n"})
	ref := scheduler.Ref{Connection: "local", Project: "local/app", Name: "app", Branch: "main", Ref: "refs/heads/main", OldRev: old, NewRev: tip}
	got := r.prepare(scheduler.PrepareItem{Pipeline: "post", Live: true, Refs: []scheduler.Ref{ref}})
	wantJobs(t, got, "unit")
	if c := entry(got.State, "app", "main"); c.Commit != tip || c.Base != tip || c.Config {
		t.Errorf("state %+v", got.State)
	}
	gone := ref
	gone.OldRev, gone.NewRev = tip, strings.Repeat("0", 40)
	deleted := r.prepare(scheduler.PrepareItem{Pipeline: "post", Live: true, Refs: []scheduler.Ref{gone}})
	if deleted.Conflict || entry(deleted.State, "app", "main").Commit == tip && !entry(deleted.State, "app", "main").Context {
		t.Errorf("after the deletion %+v", deleted)
	}
}

func TestOtherProjectsOfJobsAreContext(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	c := r.change("app", "main", files{".zuul.yaml": "- job: {name: unit, run: test.sh, required-projects: [lib]}\n- project: {gate: {jobs: [unit]}}\n"})
	tips := map[string]string{"lib": r.git("lib", "rev-parse", "HEAD"), "config": r.git("config", "rev-parse", "HEAD")}
	got := r.gate(nil, c)
	wantJobs(t, got, "unit")
	for project, tip := range tips {
		if e := entry(got.State, project, "main"); e.Commit != tip || e.Base != tip || !e.Context {
			t.Errorf("%s is %+v in the state", project, e)
		}
	}
	if entry(got.State, "app", "main").Context {
		t.Error("the item's own project is context")
	}
	moved := r.branch("lib", "main", files{"later": "x\n"})
	behind := r.gate(got.State, r.change("lib", "main", files{"two": "x\n"}))
	if e := entry(behind.State, "lib", "main"); e.Base != moved || e.Context {
		t.Errorf("the item behind has %+v of lib, whose branch is at %s", e, moved)
	}
	if e := entry(behind.State, "config", "main"); !e.Context {
		t.Errorf("the item behind has %+v of config", e)
	}
}

func TestContextFollowsTheBranch(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	stable := r.branch("lib", "stable", files{"s": "s\n"})
	r.branch("app", "stable", files{".zuul.yaml": "- job: {name: unit, run: test.sh, required-projects: [lib, {name: config, override-checkout: absent}]}\n- project: {gate: {jobs: [unit]}}\n"})
	r.load()
	got := r.gate(nil, r.change("app", "stable", files{"x": "x\n"}))
	wantJobs(t, got, "unit")
	if e := entry(got.State, "lib", "stable"); e.Commit != stable || !e.Context {
		t.Errorf("state %+v", got.State)
	}
	if e := entry(got.State, "config", "main"); !e.Context || e.Commit == "" {
		t.Errorf("without its branch, config is %+v", e)
	}
}

func TestLayoutThatIsGoneFallsBackToTheNewest(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	c := r.change("app", "main", files{"x": "x\n"})
	old := r.layout
	r.branch("app", "main", files{".zuul.yaml": runs("unit", "newer")})
	r.load()
	r.layout = old
	wantJobs(t, r.gate(nil, c), "unit")
	r.restart()
	r.load()
	r.layout = old
	wantJobs(t, r.gate(nil, c), "unit newer")
}

func TestPrepareWaitsForTheFirstLayout(t *testing.T) {
	t.Parallel()
	r := acmeRoom(t)
	c := r.change("app", "main", files{"x": "x\n"})
	r.restart()
	done := make(chan scheduler.PreparedItem)
	go func() {
		out, err := r.p.Prepare(t.Context(), scheduler.PrepareItem{Pipeline: "gate", Live: true, Refs: []scheduler.Ref{c}, Layout: r.layout})
		if err != nil {
			t.Error(err)
		}
		done <- out
	}()
	r.load()
	wantJobs(t, <-done, "unit")
}

// more is a tenant that reads more than usual from app.
const more = `- tenant:
    name: acme
    source:
      local:
        config-projects: [config]
        untrusted-projects:
          - app: {extra-config-paths: [ci/extra.yaml, ci/more/], always-dynamic-branches: [^feature/.*]}
`

func TestExtraConfigPathsTakeEffectSpeculatively(t *testing.T) {
	t.Parallel()
	r := newRoom(t, more)
	r.found("config", "main", files{"zuul.yaml": pipelines})
	r.found("app", "main", files{"zuul.yaml": runs("unit"), "ci/more/a.yaml": "[]\n", "ci/other.yaml": "- nonsense\n"})
	if out := r.load(); out.Errors != 0 {
		t.Fatal(r.problems())
	}
	got := r.gate(nil, r.change("app", "main", files{"ci/more/a.yaml": "- job: {name: extra, run: x}\n- project: {gate: {jobs: [extra]}}\n"}))
	wantJobs(t, got, "unit extra")
	wantJobs(t, r.gate(got.State, r.change("app", "main", files{"x": "x\n"})), "unit extra")
	bad := r.gate(nil, r.change("app", "main", files{"ci/extra.yaml": "- nonsense\n"}))
	if len(bad.ConfigErrors) == 0 || !strings.Contains(bad.ConfigErrors[0], "ci/extra.yaml") {
		t.Errorf("got %+v", bad)
	}
}

func TestDynamicBranchesCountForTheirOwnChanges(t *testing.T) {
	t.Parallel()
	r := newRoom(t, more)
	r.found("config", "main", files{"zuul.yaml": pipelines})
	r.found("app", "main", files{"zuul.yaml": runs("unit")})
	r.branch("app", "feature/x", files{"zuul.yaml": runs("special")})
	if r.load(); r.hasJob("special") {
		t.Fatal("a dynamic branch is in the tenant's layout")
	}
	wantJobs(t, r.gate(nil, r.change("app", "feature/x", files{"x": "x\n"})), "special")
	wantJobs(t, r.gate(nil, r.change("app", "main", files{"x": "x\n"})), "unit")
}
