package app_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gozer-ci/gozer/internal/config"
)

// deploys is a configuration with a pipeline for events over NATS, and one
// that takes those of both connections.
const deploys = `- pipeline:
    name: deploy
    manager: independent
    trigger:
      nats: [{event: deploy-requested}, {event: dev\.cdevents\..*}]
    success: {nats: {}, local: {Verified: 1}}
    failure: {nats: {subject: deploy.broken}}
- pipeline:
    name: both
    manager: independent
    trigger:
      nats: [{event: recheck}]
      local: [{event: patchset-created}]
    success: {nats: {}}
- job: {name: base, parent: null}
- job: {name: ship, run: ship.sh}
- job: {name: look, run: look.sh}
- project: {name: org/app, deploy: {jobs: [ship]}, both: {jobs: [look]}}
`

// natsServer is a server with an open broker, tenants acme and other, and the
// projects of acme.
func natsServer(t *testing.T) (*server, *clone) {
	t.Helper()
	s := start(t, setup{
		tenants: acme + "- tenant: {name: other, source: {local: {config-projects: [config]}}}\n",
		edit:    func(c *config.Config) { c.NATS.Listen = "127.0.0.1:0" },
	})
	s.found("config", files{
		"zuul.yaml": deploys,
		"ship.sh":   "grep -o '\"where\": *\"[a-z]*\"' \"$ZUUL_VARS\" || true\nif [ -e broken ]; then exit 1; fi\n",
		"look.sh":   "true\n",
	})
	app := s.found("org/app", files{"README": "app\n"})
	s.awaitReady("acme", "deploy")
	return s, app
}

// connect is what docs/events.md tells programs to do.
func (s *server) connect(tenant, token string) (*nats.Conn, error) {
	return nats.Connect("nats://"+s.NATSAddr(), nats.UserInfo(tenant, token),
		nats.CustomInboxPrefix("_INBOX."+tenant), nats.MaxReconnects(0), nats.Timeout(patience))
}

// program is a connected program of a tenant.
type program struct {
	*nats.Conn
	s       *server
	js      jetstream.JetStream
	reports *nats.Subscription
	faults  chan error
}

func (s *server) program(tenant string) *program {
	s.t.Helper()
	nc, err := s.connect(tenant, s.token("bot", tenant))
	if err != nil {
		s.t.Fatal(err)
	}
	p := &program{Conn: nc, s: s, faults: make(chan error, 16)}
	s.t.Cleanup(nc.Close)
	nc.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { p.faults <- err })
	if p.js, err = jetstream.New(nc); err != nil {
		s.t.Fatal(err)
	}
	if p.reports, err = nc.SubscribeSync("gozer.report." + tenant + ".>"); err != nil {
		s.t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// publish publishes an event that must be accepted.
func (p *program) publish(subject, event string) *jetstream.PubAck {
	p.s.t.Helper()
	ack, err := p.js.Publish(p.s.t.Context(), subject, []byte(event), jetstream.WithRetryAttempts(0))
	if err != nil {
		p.s.t.Fatalf("publish %s: %v", event, err)
	}
	return ack
}

// report is what is published about an item.
type report struct {
	ID, Tenant, Pipeline, Action, Result, Message, Buildset string
	Refs                                                    []struct {
		Project, Branch, Ref, NewRev, URL string
		Change, Patchset                  int
	}
	Builds []struct {
		UUID, Job, Result, URL string
		Voting                 bool
		Duration               float64
	}
}

// next is the next report, on the subject that it must be on.
func (p *program) next(subject string) (r report) {
	p.s.t.Helper()
	m, err := p.reports.NextMsg(patience)
	if err != nil {
		p.s.t.Fatalf("no report: %v", err)
	}
	if m.Subject != subject {
		p.s.t.Errorf("report on %s, want %s", m.Subject, subject)
	}
	if err := json.Unmarshal(m.Data, &r); err != nil {
		p.s.t.Fatalf("%s: %v", m.Data, err)
	}
	if m.Header.Get("Nats-Msg-Id") == "" {
		p.s.t.Error("the report has no Nats-Msg-Id")
	}
	return r
}

func TestEventsTriggerPipelines(t *testing.T) {
	t.Parallel()
	s, app := natsServer(t)
	p := s.program("acme")
	tip := app.git("rev-parse", "HEAD")
	t.Run("branch", func(t *testing.T) {
		ack := p.publish("gozer.event.acme.deploy", `{"type": "deploy-requested", "project": "org/app", "branch": "main", "data": {"where": "staging"}}`)
		if ack.Stream != "EVENTS" || ack.Sequence == 0 {
			t.Errorf("acknowledgement %+v", ack)
		}
		r := p.next("gozer.report.acme.deploy.success")
		if r.Tenant != "acme" || r.Pipeline != "deploy" || r.Action != "success" || r.Result != "SUCCESS" || r.Buildset == "" ||
			len(r.Refs) != 1 || r.Refs[0].Project != "local/org/app" || r.Refs[0].Ref != "refs/heads/main" || r.Refs[0].NewRev != tip ||
			len(r.Builds) != 1 || r.Builds[0].Job != "ship" || r.Builds[0].Result != "SUCCESS" || !r.Builds[0].Voting {
			t.Errorf("report %+v", r)
		}
		console := s.want(s.call("", "GET", "/api/tenant/acme/build/"+r.Builds[0].UUID+"/console", ""), http.StatusOK)
		if !strings.Contains(console.body, "staging") {
			t.Errorf("the job did not get the event's data: %s", console.body)
		}
	})
	t.Run("change", func(t *testing.T) {
		app.propose(files{"broken": "x\n"})
		if r := p.next("gozer.report.acme.both.success"); len(r.Refs) != 1 || r.Refs[0].Change != 1 { // the push itself
			t.Errorf("report %+v", r)
		}
		p.publish("gozer.event.acme.deploy", `{"type": "deploy-requested", "project": "local/org/app", "change": 1}`)
		r := p.next("gozer.report.acme.deploy.broken")
		if r.Action != "failure" || len(r.Refs) != 1 || r.Refs[0].Change != 1 || r.Refs[0].Patchset != 1 || r.Refs[0].URL != s.URL()+"/change/1" {
			t.Errorf("report %+v", r)
		}
		p.publish("gozer.event.acme.again", `{"type": "recheck", "project": "org/app", "change": 1}`)
		if r := p.next("gozer.report.acme.both.success"); r.Refs[0].Change != 1 {
			t.Errorf("report %+v", r)
		}
	})
	t.Run("tag", func(t *testing.T) {
		app.git("tag", "v1", tip)
		app.git("push", "-q", "origin", "v1")
		p.publish("gozer.event.acme.deploy", `{"type": "deploy-requested", "project": "org/app", "ref": "refs/tags/v1"}`)
		if r := p.next("gozer.report.acme.deploy.success"); r.Refs[0].Ref != "refs/tags/v1" || r.Refs[0].NewRev != tip || r.Refs[0].Branch != "" {
			t.Errorf("report %+v", r)
		}
	})
	t.Run("CDEvent", func(t *testing.T) {
		p.publish("gozer.event.acme.cd.artifact", `{
			"context": {"specversion": "0.5.0", "id": "271", "source": "/registry", "type": "dev.cdevents.artifact.published.0.2.0", "timestamp": "2026-01-01T00:00:00Z"},
			"subject": {"id": "pkg:oci/app", "type": "artifact", "content": {"repository": {"id": "org/app"}}},
			"customData": {"branch": "main", "color": "blue"}}`)
		if r := p.next("gozer.report.acme.deploy.success"); r.Refs[0].Ref != "refs/heads/main" {
			t.Errorf("report %+v", r)
		}
	})
	t.Run("the same id twice", func(t *testing.T) {
		const event = `{"id": "order-1", "type": "deploy-requested", "project": "org/app", "branch": "main"}`
		p.publish("gozer.event.acme.deploy", event)
		p.next("gozer.report.acme.deploy.success")
		p.publish("gozer.event.acme.other", event)
		p.publish("gozer.event.acme.deploy", `{"type": "recheck", "project": "org/app", "branch": "main"}`)
		if r := p.next("gozer.report.acme.both.success"); r.Pipeline != "both" {
			t.Errorf("a repeated event caused %+v", r)
		}
	})
}

func TestRejectedEvents(t *testing.T) {
	t.Parallel()
	s, _ := natsServer(t)
	p := s.program("acme")
	for name, c := range map[string]struct {
		event string
		code  int
		words string
	}{
		"no JSON":          {`nonsense`, 400, "JSON"},
		"no type":          {`{"project": "org/app", "branch": "main"}`, 400, "type"},
		"two refs":         {`{"type": "x", "project": "org/app", "branch": "main", "change": 1}`, 400, "exactly one"},
		"odd key":          {`{"type": "x", "project": "org/app", "branch": "main", "brunch": 1}`, 400, "brunch"},
		"odd ref":          {`{"type": "x", "project": "org/app", "ref": "main"}`, 400, "ref"},
		"unknown project":  {`{"type": "x", "project": "org/absent", "branch": "main"}`, 404, "no project org/absent"},
		"project not made": {`{"type": "x", "project": "org/lib", "branch": "main"}`, 404, "org/lib"},
		"unknown branch":   {`{"type": "x", "project": "org/app", "branch": "absent"}`, 404, "refs/heads/absent"},
		"unknown tag":      {`{"type": "x", "project": "org/app", "ref": "refs/tags/absent"}`, 404, "refs/tags/absent"},
		"unknown change":   {`{"type": "x", "project": "org/app", "change": 99}`, 404, "99"},
		"too large":        {`{"type": "x", "project": "org/app", "branch": "main", "comment": "` + strings.Repeat("x", 300<<10) + `"}`, 400, "larger"},
	} {
		_, err := p.js.Publish(t.Context(), "gozer.event.acme.x", []byte(c.event), jetstream.WithRetryAttempts(0))
		var refusal *jetstream.APIError
		if !errors.As(err, &refusal) || refusal.Code != c.code || !strings.Contains(refusal.Description, c.words) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		if name == "too large" {
			continue // never reached the stream
		}
		if r := p.next("gozer.report.acme.rejected"); r.ID == "" {
			t.Errorf("%s: no identifier in the rejection", name)
		}
	}
}

func TestProgramsStayWithTheirTenant(t *testing.T) {
	t.Parallel()
	s, _ := natsServer(t)
	for name, c := range map[string]struct{ user, password string }{
		"no name":               {"no-such", ""},
		"no token":              {"acme", "nonsense"},
		"token of a user":       {"acme", s.token("eve")},
		"token of another":      {"acme", s.token("bob", "other")},
		"unknown tenant":        {"absent", s.token("root", "*")},
		"the server's own user": {"=gozer", s.token("root", "*")},
	} {
		nc, err := s.connect(c.user, c.password)
		if err == nil {
			nc.Close()
		}
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	nc, err := s.connect("acme", s.token("root", "*"))
	if err != nil {
		t.Fatalf("an administrator of all: %v", err)
	}
	nc.Close()
	p := s.program("other")
	for _, try := range []func() error{
		func() error { return p.Publish("gozer.event.acme.x", []byte("{}")) },
		func() error { return p.Publish("gozer.report.other.x", []byte("{}")) },
		func() error { return p.Publish("$JS.API.INFO", nil) },
		func() error { _, err := p.SubscribeSync("gozer.report.acme.>"); return err },
		func() error { _, err := p.SubscribeSync("_INBOX.acme.>"); return err },
		func() error { _, err := p.SubscribeSync(">"); return err },
	} {
		if err := errors.Join(try(), p.Flush()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-p.faults:
			if !strings.Contains(strings.ToLower(err.Error()), "permissions violation") {
				t.Errorf("got %v", err)
			}
		case <-time.After(patience):
			t.Error("nothing was refused")
		}
	}
	// The tenant has none of the projects of acme.
	_, err = p.js.Publish(t.Context(), "gozer.event.other.x", []byte(`{"type": "x", "project": "org/app", "branch": "main"}`), jetstream.WithRetryAttempts(0))
	var refusal *jetstream.APIError
	if !errors.As(err, &refusal) || refusal.Code != 404 {
		t.Errorf("got %v", err)
	}
}

// The Go example of the documentation is the one that the tests compile.
func TestDocumentedExample(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(doc), "```go\n")
	block, _, _ := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/events.md has no Go example")
	}
	lines := strings.Split(string(code), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	for line := range strings.Lines(block) {
		if line = strings.TrimSpace(line); line != "..." && !slices.Contains(lines, line) {
			t.Errorf("example_test.go does not have %q", line)
		}
	}
}
