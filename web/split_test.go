package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/web"
)

// names are project names as clients put them into paths, with zero to three
// slashes, and the one segment that they become.
var names = map[string]string{
	"app":               "app",
	"org/app":           "org%2Fapp",
	"host/org/app":      "host%2Forg%2Fapp",
	"host:1/a/b/c":      "host:1%2Fa%2Fb%2Fc",
	"org%2Fapp":         "org%2Fapp",
	"org/a.b+c_d-e":     "org%2Fa.b+c_d-e",
	"org/project":       "org%2Fproject",
	"project/branch":    "project%2Fbranch",
	"org/f%C3%BC%20bar": "org%2Ff%C3%BC%20bar",
}

func TestCollapse(t *testing.T) {
	t.Parallel()
	const tenant = "/api/tenant/acme"
	for name, segment := range names {
		for _, route := range []string{
			"/project/NAME", "/project/NAME/enqueue", "/project/NAME/dequeue", "/project/NAME/autohold",
			"/key/NAME.pub", "/explain/NAME@main", "/project-ssh-key/NAME.pub",
			"/pipeline/gate/project/NAME/branch/main/freeze-jobs", "/pipeline/gate/project/NAME/branch/main/freeze-job/test",
		} {
			if strings.HasPrefix(route, "/pipeline") && name == "project/branch" {
				continue // the word branch ends a project's name there
			}
			path, want := tenant+strings.ReplaceAll(route, "NAME", name), tenant+strings.ReplaceAll(route, "NAME", segment)
			if got := web.Collapse(path, true); got != want {
				t.Errorf("%s: got %s, want %s", path, got, want)
			}
		}
	}
	for path, want := range map[string]string{
		tenant + "/pipeline/p/project/a/b/branch/stable/branch/freeze-jobs": tenant + "/pipeline/p/project/a%2Fb/branch/stable%2Fbranch/freeze-jobs",
		tenant + "/pipeline/p/project/a/b/branch/x":                         tenant + "/pipeline/p/project/a/b/branch/x",
		tenant + "/project/a/b/builds":                                      tenant + "/project/a%2Fb%2Fbuilds",
		tenant + "/builds/x/y":                                              tenant + "/builds/x/y",
		tenant:                                                              tenant,
		"/api/connection/local/changes/7":                                   "/api/connection/local/changes/7",
		"/":                                                                 "/",
	} {
		if got := web.Collapse(path, true); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	if got := web.Collapse(tenant+"/project/a/b/enqueue", false); got != tenant+"/project/a%2Fb%2Fenqueue" {
		t.Errorf("without authenticators enqueue is part of the name: got %s", got)
	}
}

func FuzzCollapse(f *testing.F) {
	f.Add("/api/tenant/t/pipeline/p/project/a/branch/b/freeze-job/j")
	f.Add("/api/tenant/t/project//enqueue")
	f.Fuzz(func(t *testing.T, path string) {
		once := web.Collapse(path, true)
		if strings.ReplaceAll(once, "%2F", "/") != strings.ReplaceAll(path, "%2F", "/") {
			t.Fatalf("%q became %q", path, once)
		}
	})
}

func TestProjectNamesReachHandlers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, path := range []string{"deep/er/name", "deep%2Fer%2Fname", "local/deep/er/name", "deep/er%2Fname"} {
		w := b.get("/api/tenant/acme/project/" + path)
		wantStatus(t, w, http.StatusOK)
		if !strings.Contains(w.Body.String(), `"canonical_name":"local/deep/er/name"`) {
			t.Errorf("%s: got %s", path, w.Body)
		}
	}
}
