package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// problem is the body of a refusal.
type problem struct {
	Status    int
	Code      string
	Detail    string
	RequestID string `json:"request_id"`
	Hint      string
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) problem {
	t.Helper()
	var p problem
	if kind := w.Header().Get("Content-Type"); kind != "application/problem+json" {
		t.Fatalf("got %d %s: %s", w.Code, kind, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code || p.RequestID == "" || p.RequestID != w.Header().Get("X-Request-Id") {
		t.Errorf("status %d or request id %q do not fit: %s", w.Code, w.Header().Get("X-Request-Id"), w.Body)
	}
	return p
}

func TestUnknownAPIPaths(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, path := range []string{"/api/nothing", "/api/", "/api/tenant/acme", "/api/tenant/acme/nothing", "/api/tenant/acme/status/"} {
		w := b.get(path)
		wantStatus(t, w, http.StatusNotFound)
		if p := problemOf(t, w); p.Code != "not_found" || p.Hint == "" {
			t.Errorf("%s: got %+v", path, p)
		}
	}
}

func TestNotYetRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fill := strings.NewReplacer("{tenant_name}", "acme", "{project_name}", "org/app", "{branch_name}", "stable/1", "{", "", "}", "")
	for _, route := range web.NotYet() {
		method, pattern, _ := strings.Cut(route, " ")
		w := b.do(method, fill.Replace(pattern), "")
		if p := problemOf(t, w); w.Code != http.StatusNotImplemented || p.Code != "unavailable" {
			t.Errorf("%s: got %+v", route, p)
		}
		w = b.do(method, fill.Replace(strings.ReplaceAll(pattern, "{tenant_name}", "nobody")), "")
		if w.Code != http.StatusNotFound {
			t.Errorf("%s of an unknown tenant: got %d", route, w.Code)
		}
	}
	wantStatus(t, b.get("/api/tenant/acme/key/org/app.pub"), http.StatusNotImplemented)
}

// TestIndexedRoutesExist follows the names of GET /api.
func TestIndexedRoutesExist(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fill := strings.NewReplacer("{tenant}", "acme", "{project}", "org/app", "{branch}", "main", "{", "", "}", "")
	for name, path := range web.Index {
		w := b.get(fill.Replace(strings.ReplaceAll(path, ":.*", "")))
		if w.Code == http.StatusNotFound && strings.Contains(w.Body.String(), "no such API path") {
			t.Errorf("%s: %s does not exist", name, path)
		}
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, methods := range map[string]string{
		"/api/info":                                                      "GET, OPTIONS",
		"/api/tenant/nobody/status":                                      "GET, OPTIONS",
		"/api/tenant/acme/project/org/app/enqueue":                       "POST, OPTIONS",
		"/api/tenant/acme/project/org/app/autohold":                      "GET, POST, OPTIONS",
		"/api/tenant/acme/autohold/1":                                    "GET, DELETE, OPTIONS",
		"/api/connection/local/projects":                                 "GET, POST, OPTIONS",
		"/api/tenant/acme/console-stream":                                "GET, OPTIONS",
		"/api/tenant/acme/image-upload/1":                                "DELETE, OPTIONS",
		"/api/tenant/acme/pipeline/p/project/a/b/branch/c/d/freeze-jobs": "GET, OPTIONS",
	} {
		w := b.do(http.MethodOptions, path, "")
		h := w.Header()
		if w.Code != http.StatusNoContent || w.Body.Len() > 0 || h.Get("Access-Control-Allow-Origin") != "*" ||
			h.Get("Access-Control-Allow-Headers") != "Authorization, Content-Type" || h.Get("Access-Control-Max-Age") != "86400" ||
			h.Get("Access-Control-Allow-Methods") != methods {
			t.Errorf("%s: got %d %v", path, w.Code, h)
		}
	}
}

func TestHeadIsGet(t *testing.T) {
	t.Parallel()
	wantStatus(t, setup(t).do(http.MethodHead, "/api/tenants", ""), http.StatusOK)
}

func TestWithoutAuthenticators(t *testing.T) {
	t.Parallel()
	b := setup(t, withoutAuth)
	for path, want := range map[string]int{
		"/api/authorizations":                      http.StatusNotFound,
		"/api/tenant/acme/authorizations":          http.StatusNotFound,
		"/api/tenant/acme/project/org/app/enqueue": http.StatusNotFound,
		"/api/tenant/acme/project/org/app":         http.StatusOK,
	} {
		if w := b.get(path); w.Code != want {
			t.Errorf("GET %s: got %d, want %d", path, w.Code, want)
		}
	}
	w := b.do(http.MethodPost, "/api/tenant/acme/project/org/app/enqueue", `{}`)
	wantStatus(t, w, http.StatusNotFound)
	if p := problemOf(t, w); p.Detail != "Unknown project" {
		t.Errorf("got %+v", p)
	}
	if w := b.get("/api/info"); !strings.Contains(w.Body.String(), `"realms":{},"default_realm":null`) {
		t.Errorf("got %s", w.Body)
	}
}

func TestInputsGetWhatWasAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	admin := token(t, "alice", "acme")
	for _, call := range [][2]string{
		{"org/app/enqueue", `{"pipeline":"gate","change":"1,2","ref":"ignored"}`},
		{"deep/er/name/enqueue", `{"pipeline":"check","ref":"refs/heads/main","oldrev":"a","newrev":"b"}`},
		{"org/lib/dequeue", `{"pipeline":"gate","ref":"refs/tags/v1"}`},
	} {
		w := b.do(http.MethodPost, "/api/tenant/acme/project/"+call[0], call[1], "Authorization", admin)
		wantStatus(t, w, http.StatusOK)
		if w.Body.String() != "true" || w.Header().Get("Gozer-Seq") == "" {
			t.Errorf("got %s %v", w.Body, w.Header())
		}
	}
	want := []string{
		"enqueue {Tenant:acme Project:local/org/app Pipeline:gate Number:1 Patchset:2 Ref: OldRev: NewRev: Actor:alice}",
		"enqueue {Tenant:acme Project:local/deep/er/name Pipeline:check Number:0 Patchset:0 Ref:refs/heads/main OldRev:a NewRev:b Actor:alice}",
		"dequeue {Tenant:acme Project:local/org/lib Pipeline:gate Number:0 Patchset:0 Ref:refs/tags/v1 OldRev: NewRev: Actor:alice}",
	}
	if !slices.Equal(b.inputs.asked, want) {
		t.Errorf("got %q", b.inputs.asked)
	}
}

func TestBuildFilters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wantStatus(t, b.get("/api/tenant/acme/builds?project=org/*&project=x&change=7&change=seven&patchset=1&voting=1&held=0&final=TRUE&complete=no"+
		"&result=SUCCESS&exclude_result=FAILURE&limit=7&skip=2&idx_min=3&idx_max=9"), http.StatusOK)
	for _, part := range []string{
		"Projects:[org/* x]", "Changes:[7 -1]", "Patchsets:[1]", "Voting:[true]", "Held:[false]",
		"Results:[SUCCESS]", "ExcludeResults:[FAILURE]", "Limit:7 Skip:2 MinID:3 MaxID:9",
	} {
		if !strings.Contains(b.history.asked[0], part) {
			t.Errorf("no %s in %s", part, b.history.asked[0])
		}
	}
	wantStatus(t, b.get("/api/tenant/acme/badge?project=org/app"), http.StatusOK)
	b.history.empty = true
	wantStatus(t, b.get("/api/tenant/acme/badge?project=org/app"), http.StatusNotFound)
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const path = "/api/tenant/acme/project/org/app/enqueue"
	admin := token(t, "alice", "acme")
	body := `{"pipeline": "` + strings.Repeat("x", 2<<20) + `"}`
	wantStatus(t, b.do(http.MethodPost, path, body, "Authorization", admin), http.StatusRequestEntityTooLarge)
	wantStatus(t, b.do(http.MethodPost, path, strings.Repeat("[", 500_000), "Authorization", admin), http.StatusBadRequest)
	wantStatus(t, b.do(http.MethodPost, path, "[]", "Authorization", admin), http.StatusBadRequest)
}

func TestErrorsOfPorts(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{
		"invalid": 400, "not_found": 404, "conflict": 409, "forbidden": 403, "exhausted": 429, "unavailable": 503, "internal": 500, "": 500,
	} {
		b := setup(t)
		b.inputs.err = &scheduler.Rejection{Code: code, Message: "no", Subject: "1"}
		if code == "" {
			b.inputs.err = errors.New("disk /var/secret is full")
		}
		w := b.do(http.MethodPost, "/api/tenant/acme/project/org/app/enqueue", `{"pipeline":"gate","change":"1,1"}`, "Authorization", token(t, "alice", "acme"))
		wantStatus(t, w, want)
		p := problemOf(t, w)
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("internal text leaves the process: %s", w.Body)
		}
		if want == http.StatusInternalServerError && !strings.Contains(b.log.String(), p.RequestID) {
			t.Errorf("the log does not hold request %s: %s", p.RequestID, b.log)
		}
	}
}

func TestPanicsAreAnswered(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *web.Config, d *web.Deps) { d.Components = func() []web.Component { panic("boom") } })
	w := b.get("/api/components")
	wantStatus(t, w, http.StatusInternalServerError)
	if p := problemOf(t, w); p.Code != "internal" || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("got %+v", p)
	}
	if !strings.Contains(b.log.String(), "boom") {
		t.Error("the panic is not in the log")
	}
	wantStatus(t, b.get("/api/tenants"), http.StatusOK)
}

func TestTokensAreNotLogged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	bearer := token(t, "alice", "acme")
	b.get("/api/authorizations", "Authorization", bearer)
	b.get("/api/authorizations", "Authorization", bearer+"x")
	if strings.Contains(b.log.String(), strings.TrimPrefix(bearer, "Bearer ")[:40]) {
		t.Errorf("the log holds a token: %s", b.log)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wantStatus(t, b.get("/healthz"), http.StatusOK)
	wantStatus(t, b.get("/readyz"), http.StatusOK)
	b.ready = []string{"the log is read only"}
	w := b.get("/readyz")
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != `{"ready":false,"reasons":["the log is read only"]}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get("/api/tenant/acme/build/1")
	b.get("/api/tenant/acme/build/2")
	b.get("/some/page")
	b.do("BREW", "/api/tenants", "")
	page := b.get("/metrics").Body.String()
	for _, line := range []string{
		`gozer_http_requests_total{method="GET",route="/api/tenant/{tenant_name}/build/{uuid}",status="404"} 2`,
		`gozer_http_requests_total{method="GET",route="/ui",status="200"} 1`,
		`gozer_http_requests_total{method="other",route="/api",status="405"} 1`,
		`gozer_commit_sequence{tenant="acme"} 2`,
		`gozer_queue_items{pipeline="gate",tenant="acme"} 3`,
		`gozer_builds{state="running",tenant="acme"} 1`,
		`gozer_builds{state="waiting",tenant="acme"} 1`,
		`gozer_inbox_entries{tenant="acme"} 2`,
	} {
		if !strings.Contains(page, line) {
			t.Errorf("no %s in\n%s", line, page)
		}
	}
}

func TestMounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if w := b.get("/t/acme/status"); w.Body.String() != "ui" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'self'") {
		t.Errorf("got %s %v", w.Body, w.Header())
	}
	wantStatus(t, b.get("/git/org/app/info/refs"), http.StatusNotFound)
	if w := b.get("/openapi.yaml"); !strings.HasPrefix(w.Body.String(), "openapi: 3") {
		t.Errorf("got %.40s", w.Body)
	}
}
