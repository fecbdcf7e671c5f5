package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/quarantine"
	"github.com/gozer-ci/gozer/scheduler"
)

// broken lets tenant beta stop and returns what is kept of it.
func (s *server) broken() quarantine.Entry {
	s.t.Helper()
	s.Break("beta")
	s.await("beta is in quarantine", func() bool {
		list, err := quarantine.List(s.path(app.QuarantineDir))
		return err == nil && len(list) > 0 && strings.Contains(s.log.String(), "tenant quarantined")
	})
	list, err := quarantine.List(s.path(app.QuarantineDir))
	if err != nil {
		s.t.Fatal(err)
	}
	return list[0]
}

func TestBrokenTenantIsKeptForAReportAndReleased(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme + beta})
	s.acme()
	s.awaitReady("beta", "hold")
	s.hold("acme")
	s.hold("beta")
	running := s.heldBuild("beta")
	e := s.broken()
	if e.Tenant != "beta" || !strings.Contains(e.Error, "unknown command") || e.Commit == 0 || e.Versions["gozer"] == "" {
		t.Errorf("about: %+v", e)
	}
	for name, want := range map[string]string{
		"error.txt": "scheduler.Decide", "state-before.txt": "wait running", "state-before.json": `"Tenant":"beta"`,
		"commands.jsonl": "odd", "log.jsonl": "build.started", "state-broken.txt": "hold",
	} {
		data, err := os.ReadFile(filepath.Join(e.Dir, name))
		if err != nil || !strings.Contains(string(data), want) || strings.Contains(string(data), "hunter2") {
			t.Errorf("%s: %v has no %q, or too much: %s", name, err, want, data)
		}
	}
	s.want(s.call("", "GET", "/readyz", ""), http.StatusOK, `"ready":true`, `"tenant":"beta"`, `"state":"error"`, "unknown command")
	s.want(s.call("", "GET", "/api/tenant/beta/status", ""), http.StatusOK, `"state":"error"`)
	s.want(s.call("", "GET", "/api/tenant/acme/status", ""), http.StatusOK, `"state":"normal"`)
	s.want(s.call("", "GET", "/metrics", ""), http.StatusOK, `gozer_tenant_stopped{tenant="beta"} 1`)
	const ask = `{"pipeline":"quick","ref":"refs/heads/main"}`
	s.want(s.call(s.token("root", "*"), "POST", "/api/tenant/beta/project/org/app/enqueue", ask), http.StatusServiceUnavailable, "unavailable", "released")
	s.want(s.call(s.token("root", "*"), "POST", enqueue, ask), http.StatusOK)
	s.awaitBuild("acme", "quick", "SUCCESS")
	if got, err := s.Reconfigure(t.Context(), app.Full); err != nil || got[1].Happened != app.Stopped || !strings.Contains(got[1].Detail, "release-tenant beta") {
		t.Errorf("got %+v, %v", got, err)
	}
	if out, err := s.Release(t.Context(), "beta", false); err != nil || out.Happened != app.Released {
		t.Fatalf("got %+v, %v", out, err)
	}
	if now := s.heldBuild("beta"); now.UUID != running.UUID || now.Result != nil {
		t.Errorf("the build is %+v, was %+v", now, running)
	}
	s.want(s.call(s.token("root", "*"), "POST", "/api/tenant/beta/project/org/app/enqueue", ask), http.StatusOK)
	s.awaitBuild("beta", "quick", "SUCCESS")
	if a := s.call("", "GET", "/readyz", ""); strings.Contains(a.body, "beta") {
		t.Errorf("still %s", a.body)
	}
	s.want(s.call("", "GET", "/api/tenant/beta/status", ""), http.StatusOK, `"state":"normal"`)
	s.end()
	s.clean()
}

func TestWhatCannotBeReleased(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme + beta})
	s.acme()
	s.awaitReady("beta", "hold")
	for name, want := range map[string]string{"acme": "nothing to release", "absent": "unknown tenant"} {
		if _, err := s.Release(t.Context(), "acme", false); name == "acme" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.broken()
	if _, err := s.Release(t.Context(), "beta", true); err == nil || !strings.Contains(err.Error(), "none to skip") {
		t.Errorf("an answer broke it, but got %v", err)
	}
	s.describe(acme)
	s.happened(s.reconfigure(app.Smart), app.Unchanged, app.Removed)
}

func TestInputsThatBrokeATenantArePassedOver(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme + beta})
	s.acme()
	s.awaitReady("beta", "hold")
	s.broken()
	main := scheduler.Ref{Connection: "local", Project: "local/org/app", Name: "org/app", Branch: "main", Ref: "refs/heads/main"}
	if err := s.Blame(t.Context(), "beta", scheduler.EnqueueRef{ID: "odd", Pipeline: "hold", Ref: main, Actor: "eve"}); err != nil {
		t.Fatal(err)
	}
	if out, err := s.Release(t.Context(), "beta", true); err != nil || out.Happened != app.Released {
		t.Fatalf("got %+v, %v", out, err)
	}
	s.want(s.call(s.token("root", "*"), "POST", "/api/tenant/beta/project/org/app/enqueue", `{"pipeline":"quick","ref":"refs/heads/main"}`), http.StatusOK)
	s.awaitBuild("beta", "quick", "SUCCESS")
	var list []build
	if s.get("/api/tenant/beta/builds?pipeline=hold", &list); len(list) != 0 {
		t.Errorf("the input was decided: %+v", list)
	}
}

func TestStoppedTenantKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme + beta, edit: func(c *config.Config) { c.NATS.InputLimit = 16 << 10 }})
	app := s.acme()
	s.awaitReady("beta", "hold")
	e := s.broken()
	for range 30 {
		app.propose(files{"README": "again\n"})
	}
	s.await("events are dropped, and that is told", func() bool { return strings.Contains(s.log.String(), "events of a stopped tenant dropped") })
	s.await("the source waits for nobody", func() bool {
		return strings.Contains(s.call("", "GET", "/api/tenant/acme/status", "").body, `"connection_event_queues":{"local":{"length":0}}`)
	})
	data, err := os.ReadFile(filepath.Join(e.Dir, "dropped.jsonl"))
	if err != nil || !strings.Contains(string(data), `"change":"`) {
		t.Errorf("dropped: %s, %v", data, err)
	}
	s.want(s.call("", "GET", "/metrics", ""), http.StatusOK, `gozer_events_dropped_total{tenant="beta"}`)
	out, err := s.Release(t.Context(), "beta", false)
	if err != nil || !strings.Contains(out.Detail, "events were dropped") {
		t.Errorf("got %+v, %v", out, err)
	}
}
