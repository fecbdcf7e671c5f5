package web_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// start is the time of the fake clock; the recorded state is a little older.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

var authConfig = auth.Config{
	Name: "main", Secret: "0123456789abcdef0123456789abcdef", IssuerID: "gozer", ClientID: "gozer.example.com",
	Realm: "example", AllowAuthzOverride: true,
}

// bundle is a server with everything that it talks to.
type bundle struct {
	*web.Server
	handler  http.Handler
	clock    *clock
	live     *live
	past     *past
	history  *history
	console  *console
	inputs   *inputs
	verifier *verifier
	review   *review
	layouts  *layouts
	metrics  *prometheus.Registry
	log      *bytes.Buffer
	ready    []string
}

// setup makes a server for tenants acme, with a gate at work, and other,
// which is not loaded yet.
func setup(t testing.TB, changes ...func(*web.Config, *web.Deps)) *bundle {
	t.Helper()
	b := &bundle{
		clock: &clock{now: start}, live: newLive(), history: newHistory(), console: newConsole(),
		inputs: &inputs{}, verifier: &verifier{}, review: newReview(), layouts: newLayouts(t), metrics: prometheus.NewRegistry(), log: &bytes.Buffer{},
	}
	b.past = &past{live: b.live}
	accounts, err := auth.New([]auth.Config{authConfig}, b.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	cfg := web.Config{
		PublicURL: "https://gozer.example.com", Version: "1.0.0", StaticCacheExpiry: time.Hour,
		Connections: []web.Connection{
			{Name: "local", Driver: "local", BaseURL: "https://gozer.example.com", CanonicalHostname: "local", Pending: func() int { return 2 }},
			{Name: "nats", Driver: "nats"},
		},
	}
	deps := web.Deps{
		Live: b.live, Past: b.past, History: b.history, Layouts: b.layouts, Console: b.console, Logs: newLogs(), Inputs: b.inputs, Shared: shared{}, Verifier: b.verifier, Auth: accounts,
		Reviews: map[scheduler.ConnectionName]web.Review{"local": b.review},
		Components: func() []web.Component {
			return []web.Component{{Kind: "scheduler", Hostname: "vm", State: "running", Version: "1.0.0"}}
		},
		NotReady: func() []string { return b.ready },
		Metrics:  b.metrics, Log: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: b.clock.Now,
		UI: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ui") }),
	}
	for _, change := range changes {
		change(&cfg, &deps)
	}
	s, err := web.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	b.Server, b.handler = s, s.Handler()
	return b
}

// benchServer is setup with a live state of its own.
func benchServer(tb testing.TB, l *live) *bundle {
	return setup(tb, func(_ *web.Config, d *web.Deps) { d.Live, d.Log = l, slog.New(slog.DiscardHandler) })
}

// withoutAuth takes the authenticator away.
func withoutAuth(_ *web.Config, d *web.Deps) {
	d.Auth, _ = auth.New(nil, time.Now) // an empty list is valid
}

// token is a bearer token of a person.
func token(t *testing.T, uid string, admin ...string) string {
	t.Helper()
	text, err := auth.Sign(authConfig, auth.Grant{UID: uid, Admin: admin, Now: start, Validity: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + text
}

// do sends a request; headers are given as name and value in turn.
func (b *bundle) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func (b *bundle) get(path string, headers ...string) *httptest.ResponseRecorder {
	return b.do(http.MethodGet, path, "", headers...)
}

// wantStatus fails unless w has the status, and shows the answer then.
func wantStatus(t *testing.T, w *httptest.ResponseRecorder, want int) {
	t.Helper()
	if w.Code != want {
		t.Fatalf("got status %d, want %d: %s", w.Code, want, w.Body)
	}
}
