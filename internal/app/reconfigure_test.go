package app_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/command"
	"github.com/gozer-ci/gozer/scheduler"
)

// beta is a tenant with the same pipelines as acme.
const beta = `- tenant:
    name: beta
    source: {local: {config-projects: [config], untrusted-projects: [org/app]}}
`

// describe writes another tenant file.
func (s *server) describe(text string) {
	s.t.Helper()
	if err := os.WriteFile(s.cfg.Tenants, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// reconfigure says what happened to each tenant.
func (s *server) reconfigure(e app.Extent, names ...scheduler.TenantName) map[scheduler.TenantName]app.Happening {
	s.t.Helper()
	list, err := s.Reconfigure(s.t.Context(), e, names...)
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[scheduler.TenantName]app.Happening{}
	for _, o := range list {
		out[o.Tenant] = o.Happened
	}
	return out
}

func (s *server) happened(got map[scheduler.TenantName]app.Happening, want ...app.Happening) {
	s.t.Helper()
	for i, name := range []scheduler.TenantName{"acme", "beta"} {
		if got[name] != want[i] {
			s.t.Errorf("%s: %q happened, want %q", name, got[name], want[i])
		}
	}
}

// hold lets a build run in a tenant.
func (s *server) hold(tenant string) {
	s.t.Helper()
	s.want(s.call(s.token("root", "*"), "POST", "/api/tenant/"+tenant+"/project/org/app/enqueue", `{"pipeline":"hold","ref":"refs/heads/main"}`), http.StatusOK)
	s.await("a build of "+tenant+" runs", func() bool {
		var list []build
		s.get("/api/tenant/"+tenant+"/builds?pipeline=hold&limit=1", &list)
		return len(list) == 1 && strings.Contains(s.call("", "GET", "/api/tenant/"+tenant+"/build/"+list[0].UUID+"/console?live=false", "").body, "waiting")
	})
}

// heldBuild is the newest build of the hold pipeline.
func (s *server) heldBuild(tenant string) build {
	s.t.Helper()
	var list []build
	s.get("/api/tenant/"+tenant+"/builds?pipeline=hold&limit=1", &list)
	if len(list) == 0 {
		s.t.Fatalf("tenant %s has no build", tenant)
	}
	return list[0]
}

func TestTenantsComeAndGoWithoutTheOthersNoticing(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme + beta})
	s.acme()
	s.awaitReady("beta", "hold")
	s.hold("acme")
	s.hold("beta")
	before := s.heldBuild("acme")
	s.describe(acme)
	s.happened(s.reconfigure(app.Smart), app.Unchanged, app.Removed)
	if a := s.call("", "GET", "/api/tenants", ""); strings.Contains(a.body, "beta") {
		t.Errorf("tenants are %s", a.body)
	}
	s.want(s.call("", "GET", "/api/tenant/beta/builds", ""), http.StatusNotFound)
	s.await("the job of beta is stopped", func() bool { return s.workspaces() == 1 })
	if now := s.heldBuild("acme"); now.UUID != before.UUID || now.Result != nil {
		t.Errorf("the build of acme is %+v, was %+v", now, before)
	}
	s.describe(acme + beta)
	s.happened(s.reconfigure(app.Smart), app.Unchanged, app.Added)
	if b := s.awaitBuild("beta", "hold", "CANCELED"); b.Job != "wait" {
		t.Errorf("build %+v", b)
	}
	s.want(s.call("", "GET", "/api/tenant/beta/buildsets", ""), http.StatusOK, `"DEQUEUED"`)
	s.want(s.call(s.token("root", "*"), "POST", "/api/tenant/beta/project/org/app/enqueue", `{"pipeline":"quick","ref":"refs/heads/main"}`), http.StatusOK)
	s.awaitBuild("beta", "quick", "SUCCESS")
	if now := s.heldBuild("acme"); now.UUID != before.UUID || now.Result != nil {
		t.Errorf("the build of acme is %+v, was %+v", now, before)
	}
	s.end()
	s.clean()
}

func TestChangedBlockIsLoadedWhileItsBuildsRun(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme + beta})
	s.acme()
	s.awaitReady("beta", "hold")
	s.hold("acme")
	before := s.heldBuild("acme")
	s.found("org/new", files{"README": "new\n", ".zuul.yaml": "- project: {quick: {jobs: [pass]}}\n"})
	s.describe("# the blocks moved\n\n" + strings.Replace(acme, "org/lib", "org/lib, org/new", 1) + beta)
	s.happened(s.reconfigure(app.Smart), app.Loaded, app.Unchanged)
	s.want(s.call("", "GET", "/api/tenant/acme/projects", ""), http.StatusOK, "org/new")
	s.want(s.call(s.token("root", "*"), "POST", "/api/tenant/acme/project/org/new/enqueue", `{"pipeline":"quick","ref":"refs/heads/main"}`), http.StatusOK)
	s.awaitBuild("acme", "quick", "SUCCESS")
	if now := s.heldBuild("acme"); now.UUID != before.UUID || now.Result != nil {
		t.Errorf("the build is %+v, was %+v", now, before)
	}
	s.happened(s.reconfigure(app.Full), app.Loaded, app.Loaded)
	s.happened(s.reconfigure(app.Some, "beta"), "", app.Loaded)
}

func TestWrongTenantFileChangesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme + beta})
	s.acme()
	for text, want := range map[string]string{
		acme + "- tenant:\n    name: gamma\n    sauce: {}\n": "tenants.yaml:9:5",
		"- tenant: {name: [\n":                               "tenants.yaml:",
		"":                                                   "is empty",
	} {
		s.describe(text)
		if _, err := s.Reconfigure(t.Context(), app.Full); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if err := os.Remove(s.cfg.Tenants); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reconfigure(t.Context(), app.Smart); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	s.want(s.call("", "GET", "/api/tenants", ""), http.StatusOK, "acme", "beta")
	s.awaitReady("beta", "hold")
	s.describe("[]\n")
	s.happened(s.reconfigure(app.Smart), app.Removed, app.Removed)
	s.want(s.call("", "GET", "/api/tenants", ""), http.StatusOK, "[]")
}

func TestLastGoodLayoutStaysWhileASourceIsBroken(t *testing.T) {
	t.Parallel()
	hub := newFake(t, "hub")
	s := startFakes(t, hub)
	s.awaitReady("hub", "post")
	hub.breaks(errors.New("hub is down"))
	got, err := s.Reconfigure(t.Context(), app.Full)
	if err != nil || len(got) != 1 || got[0].Happened != app.Kept || !strings.Contains(got[0].Detail, "hub is down") {
		t.Fatalf("got %+v, %v", got, err)
	}
	s.awaitReady("hub", "post")
	hub.breaks(nil)
	if got, err := s.Reconfigure(t.Context(), app.Full); err != nil || got[0].Happened != app.Loaded {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOperatorAsksThroughTheSocket(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	s.acme()
	ask := func(r command.Request) ([]app.Outcome, error) {
		var out []app.Outcome
		return out, command.Ask(t.Context(), s.cfg.Data, r, &out)
	}
	for _, name := range []string{app.CommandFull, app.CommandSmart, app.CommandTenant} {
		if _, err := ask(command.Request{Command: name, Tenants: []string{"acme"}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, r := range []command.Request{{Command: "dance"}, {Command: app.CommandTenant}, {Command: app.CommandTenant, Tenants: []string{"absent"}}} {
		if _, err := ask(r); err == nil {
			t.Errorf("%+v was done", r)
		}
	}
	s.end()
	if _, err := ask(command.Request{Command: app.CommandFull}); !errors.Is(err, command.ErrNotRunning) {
		t.Errorf("got %v", err)
	}
}

func TestSignalIsASmartReconfiguration(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	s.acme()
	signals := make(chan struct{})
	go app.ReconfigureOn(t.Context(), s.App, signals)
	s.describe(acme + beta)
	signals <- struct{}{}
	s.awaitReady("beta", "hold")
	s.describe("nonsense")
	signals <- struct{}{}
	s.await("the mistake is in the log", func() bool { return strings.Contains(s.log.String(), "not reconfigured") })
	s.awaitReady("beta", "hold")
}
