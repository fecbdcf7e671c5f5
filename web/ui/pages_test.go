package ui

import (
	_ "embed"
	"testing"

	"github.com/gozer-ci/gozer/internal/browsertest"
)

// audit is an expression that lists what makes a page hard to use.
//
//go:embed testdata/audit.js
var audit string

// pages is every page with an element that proves it is complete.
var pages = []struct{ name, path, sel string }{
	{"status", "/t/acme/status", ".item-subject:not([hidden])"},
	{"status-filtered", "/t/acme/status?q=lib", ".item"},
	{"change", "/t/acme/change/12,3", ".diff-line"},
	{"change-behind", "/t/acme/change/17,1", ".ahead a"},
	{"change-unknown-review", "/t/acme/change/12", ".story-line"},
	{"why", "/t/acme/explain/15,2", ".story-line"},
	{"why-earlier", "/t/acme/explain/15,2?at=2026-11-20T12:00:00Z", ".why-when a"},
	{"build-running", "/t/acme/build/" + runningBuild, ".console-row"},
	{"build-failed", "/t/acme/build/" + failedBuild, ".file"},
	{"stream", "/t/acme/stream/" + runningBuild + "?logfile=console.log", ".console-row"},
	{"builds", "/t/acme/builds", ".table tbody tr"},
	{"buildsets", "/t/acme/buildsets", ".table tbody tr"},
	{"buildset", "/t/acme/buildset/" + failedSet, ".why-now"},
	{"projects", "/t/acme/projects", ".table tbody tr"},
	{"project", "/t/acme/project/local/org/app", ".chip"},
	{"jobs", "/t/acme/jobs", ".table tbody tr"},
	{"job", "/t/acme/job/unit-tests", ".fact"},
	{"config-errors", "/t/acme/config-errors", ".error-card"},
	{"tenants", "/tenants", ".tenant"},
}

// Every page renders on every screen without a message in the console, a
// violation of the policy, a request elsewhere, or a sideways scroll.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, s := range browsertest.Screens {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for _, at := range pages {
				t.Run(at.name, func(t *testing.T) {
					p := open(t, newFake(t), at.path, at.sel, s.Set())
					if p == nil {
						return
					}
					if got := browsertest.Eval[string](p, "document.title"); got == "" || got == "Gozer" {
						t.Errorf("title %q does not name the page", got)
					}
					if n := browsertest.Eval[int](p, "document.querySelectorAll('h1').length"); n != 1 {
						t.Errorf("%d first headings, want 1", n)
					}
					wide := p.Sideways()
					if wide != "" {
						t.Errorf("the page scrolls sideways because of: %s", wide)
					}
					if wrong := browsertest.Eval[string](p, audit); wrong != "" {
						t.Errorf("not accessible:\n%s", wrong)
					}
					p.Picture(at.name + "-" + s.Name)
				})
			}
		})
	}
}
