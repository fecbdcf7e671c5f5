package natssource_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/source/natssource"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tip = "1111111111111111111111111111111111111111"

// resolver knows org/app with branch main and change 7.
type resolver struct{}

func (resolver) Ref(_ context.Context, t scheduler.TenantName, project, ref string) (scheduler.Ref, error) {
	if t != "acme" || project != "org/app" {
		return scheduler.Ref{}, &source.Error{Code: source.CodeNotFound, Message: "tenant " + string(t) + " has no project " + project}
	}
	return scheduler.Ref{Connection: "local", Project: "local/org/app", Name: project, Branch: strings.TrimPrefix(ref, "refs/heads/"), Ref: ref, NewRev: tip}, nil
}

func (resolver) Change(_ context.Context, _ scheduler.TenantName, project string, number int) ([]scheduler.Change, error) {
	if number != 7 {
		return nil, nil
	}
	ref := scheduler.Ref{Connection: "local", Project: "local/org/app", Name: project, Branch: "main", Ref: "refs/changes/07/7/2", Number: 7, Patchset: 2}
	return []scheduler.Change{{Ref: ref, Open: true}}, nil
}

type world struct {
	bus    *bus.Bus
	source *natssource.Source
	client *nats.Conn // of tenant acme
	// fail makes the sink fail as many times.
	fail   chan error
	events chan scheduler.TriggerEvent
}

func setup(t *testing.T) *world {
	t.Helper()
	verify := func(tenant scheduler.TenantName, token string) (string, bool) {
		return "bot", token == "token of "+string(tenant)
	}
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", Verify: verify})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{bus: b, fail: make(chan error, 8), events: make(chan scheduler.TriggerEvent, 64)}
	w.source = natssource.New(natssource.Config{
		Connection: "nats", Broker: b, Resolver: resolver{}, Sink: w.sink,
		Now: func() time.Time { return time.Unix(1000, 0) }, Log: slog.New(slog.DiscardHandler),
	})
	w.client = connect(t, b, "acme")
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 2)
	for _, tenant := range []scheduler.TenantName{"acme", "other"} {
		go func() { served <- w.source.Serve(ctx, tenant) }()
	}
	w.await(t)
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-served; err != nil {
				t.Error(err)
			}
		}
		w.client.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) sink(_ context.Context, t scheduler.TenantName, e scheduler.TriggerEvent) error {
	select {
	case err := <-w.fail:
		return err
	default:
	}
	w.events <- e
	return nil
}

func connect(t *testing.T, b *bus.Bus, tenant string) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect("nats://"+b.ListenAddr(), nats.UserInfo(tenant, "token of "+tenant), nats.CustomInboxPrefix("_INBOX."+tenant))
	if err != nil {
		t.Fatal(err)
	}
	return nc
}

// await returns when the events of acme are served.
func (w *world) await(t *testing.T) {
	t.Helper()
	for {
		_, err := w.client.Request("gozer.event.acme.probe", []byte("probe"), 50*time.Millisecond)
		if err == nil {
			return
		}
		if !errors.Is(err, nats.ErrNoResponders) && !errors.Is(err, nats.ErrTimeout) {
			t.Fatal(err)
		}
	}
}

// ask publishes an event and returns the answer.
func (w *world) ask(t *testing.T, event string) string {
	t.Helper()
	m, err := w.client.Request("gozer.event.acme.test", []byte(event), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return string(m.Data)
}

func TestEventTriggers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	reply := w.ask(t, `{"id": "e1", "type": "deploy", "project": "org/app", "branch": "main", "user": "me", "comment": "go", "data": {"a": [1, 2]}}`)
	if !strings.HasPrefix(reply, `{"stream":"EVENTS","seq":`) || !strings.HasSuffix(reply, `,"id":"nats:e1"}`) {
		t.Errorf("reply %s", reply)
	}
	want := scheduler.TriggerEvent{
		ID: "nats:e1", Connection: "nats", Type: "deploy", Username: "me", Comment: "go", Data: []byte(`{"a":[1,2]}`), Time: time.Unix(1000, 0),
		Ref: scheduler.Ref{Connection: "local", Project: "local/org/app", Name: "org/app", Branch: "main", Ref: "refs/heads/main", NewRev: tip},
	}
	if diff := cmp.Diff(want, <-w.events); diff != "" {
		t.Error(diff)
	}
	w.ask(t, `{"type": "recheck", "project": "org/app", "change": 7}`)
	if e := <-w.events; e.Ref.Number != 7 || len(e.Changes) != 1 || e.Ref != e.Changes[0].Ref || !strings.HasPrefix(string(e.ID), "nats:acme-") {
		t.Errorf("event %+v", e)
	}
	rev := strings.Repeat("2", 40)
	w.ask(t, `{"type": "tagged", "project": "org/app", "ref": "refs/tags/v1", "newrev": "`+rev+`"}`)
	if e := <-w.events; e.Ref.Ref != "refs/tags/v1" || e.Ref.NewRev != rev {
		t.Errorf("event %+v", e)
	}
}

func TestEventsAreRejectedWithAReason(t *testing.T) {
	t.Parallel()
	w := setup(t)
	reports, err := w.client.SubscribeSync("gozer.report.acme.rejected")
	if err != nil {
		t.Fatal(err)
	}
	w.ask(t, `"first"`) // all probes are before it
	_, before := w.source.Counts()
	for event, want := range map[string]string{
		`{`:  "not a JSON object",
		`[]`: "not a JSON object",
		`{"type": "x", "project": "org/app", "branch": "main", "colour": 1}`:                                  "colour",
		`{"type": "x", "project": "org/app"}`:                                                                 "exactly one of branch, ref and change",
		`{"type": "x", "project": "org/app", "branch": "b", "change": 7}`:                                     "exactly one of branch, ref and change",
		`{"project": "org/app", "branch": "main"}`:                                                            "type",
		`{"type": "x", "project": "org/app", "branch": 5}`:                                                    "branch: ",
		`{"type": "x", "project": "org/else", "branch": "main"}`:                                              "no project org/else",
		`{"type": "x", "project": "org/app", "change": 8}`:                                                    "no change 8",
		`{"type": "x", "project": "org/app", "change": 7, "newrev": "` + tip + `"}`:                           "newrev",
		`{"type": "x", "project": "org/app", "branch": "main", "newrev": "HEAD"}`:                             "newrev",
		`{"context": {"type": "com.example.x", "id": "1", "source": "s"}, "subject": {}}`:                     "dev.cdevents.",
		`{"type": "x", "project": "org/app", "branch": "main", "data": "` + strings.Repeat("x", 1<<18) + `"}`: "larger than",
	} {
		if got := w.ask(t, event); !strings.Contains(got, want) || !strings.Contains(got, `"error"`) {
			t.Errorf("%.80s: answered %s, want %s", event, got, want)
		}
	}
	if _, rejected := w.source.Counts(); rejected-before != 12 { // too large is not stored
		t.Errorf("%d rejections counted", rejected)
	}
	m, err := reports.NextMsg(10 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(m.Data) || !strings.Contains(string(m.Data), `"reason"`) {
		t.Errorf("report %s", m.Data)
	}
}

func TestFailedSinkIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.fail <- errors.New("disk full")
	w.fail <- errors.New("disk full")
	w.ask(t, `{"id": "e1", "type": "x", "project": "org/app", "branch": "main"}`)
	if e := <-w.events; e.ID != "nats:e1" {
		t.Errorf("event %+v", e)
	}
}

func TestJetStreamPublishUnderstandsTheAnswer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.ask(t, `{"type": "x", "project": "org/app", "branch": "main"}`)
	js, err := jetstream.New(w.client)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "gozer.event.acme.x", []byte(`{"type": "x", "project": "org/app", "branch": "main"}`)); err != nil {
		t.Error(err)
	}
	var api *jetstream.APIError
	if _, err := js.Publish(t.Context(), "gozer.event.acme.x", []byte(`{}`)); !errors.As(err, &api) || api.Code != 400 {
		t.Errorf("got %v", err)
	}
}

func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if nc, err := nats.Connect("nats://"+w.bus.ListenAddr(), nats.UserInfo("other", "token of acme")); err == nil {
		nc.Close()
		t.Error("a token of acme opened other")
	}
	if nc, err := nats.Connect("nats://" + w.bus.ListenAddr()); err == nil {
		nc.Close()
		t.Error("connected without a credential")
	}
	violations := make(chan error, 16)
	other, err := nats.Connect("nats://"+w.bus.ListenAddr(), nats.UserInfo("other", "token of other"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { violations <- err }))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, subject := range []string{"gozer.report.acme.>", "gozer.event.other.>", "_INBOX.>", "_INBOX.acme.>", "_GOZER.>", ">", "$JS.>", "gozer.in.other"} {
		if _, err := other.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		if err := <-violations; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("subscribe %s: %v", subject, err)
		}
	}
	for _, subject := range []string{"gozer.event.acme.x", "gozer.in.other", "gozer.report.other.x", "$JS.API.STREAM.LIST", "gozer.work.build.=.high.x"} {
		if err := other.Publish(subject, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if err := <-violations; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("publish %s: %v", subject, err)
		}
	}
}

// An answer goes nowhere but to the publisher's own inboxes.
func TestReplySubjectIsNotAWayIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.ask(t, `{"type": "x", "project": "org/app", "branch": "main"}`)
	if err := w.client.PublishRequest("gozer.event.acme.x", "gozer.in.acme", []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	w.ask(t, `{"type": "x", "project": "org/app", "branch": "main", "id": "after"}`)
	if _, err := w.bus.PublishInput(t.Context(), "acme", "mine", nil); err != nil {
		t.Fatal(err)
	}
	in, err := w.bus.Inputs(t.Context(), "acme", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if m := <-in.C; m.ID != "mine" {
		t.Errorf("the first input is %s %s", m.ID, m.Data)
	}
}

func TestCDEvents(t *testing.T) {
	t.Parallel()
	w := setup(t)
	bare := `{"context": {"version": "0.4.1", "id": "77", "source": "/forge", "type": "dev.cdevents.branch.created.0.2.0", "timestamp": "2026-11-20T10:00:00Z"},
		"subject": {"id": "main", "type": "branch", "content": {"repository": {"id": "org/app"}}}, "customData": {"colour": "red"}}`
	w.ask(t, bare)
	e := <-w.events
	if e.ID != "nats:/forge#77" || e.Type != "dev.cdevents.branch.created.0.2.0" || e.Ref.Branch != "main" || !strings.Contains(string(e.Data), "red") {
		t.Errorf("event %+v", e)
	}
	w.ask(t, `{"specversion": "1.0", "id": "x", "source": "s", "type": "dev.cdevents.artifact.published.0.2.0", "data":
		{"context": {"id": "78", "source": "/forge", "type": "dev.cdevents.artifact.published.0.2.0"}, "subject": {"id": "pkg:x"},
		"customData": {"project": "org/app", "change": 7}}}`)
	if e := <-w.events; e.Ref.Number != 7 {
		t.Errorf("event %+v", e)
	}
}

func TestReportsReachListeners(t *testing.T) {
	t.Parallel()
	w := setup(t)
	sub, err := w.client.SubscribeSync("gozer.report.acme.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.client.Flush(); err != nil {
		t.Fatal(err)
	}
	r := scheduler.Report{
		Tenant: "acme", Report: "r1", Pipeline: "my gate", Action: scheduler.ActionSuccess, Result: scheduler.ResultSuccess, Buildset: "bs",
		Refs:   []scheduler.Ref{{Project: "local/org/app", Ref: "refs/changes/07/7/2", Number: 7, Patchset: 2, Branch: "main"}},
		Builds: []scheduler.BuildSummary{{Build: "b", Job: "unit", Result: scheduler.ResultSuccess, Voting: true, Duration: 1500 * time.Millisecond}},
		Reporters: []scheduler.Reporter{
			{Connection: "local"}, {Connection: "nats"}, {Connection: "nats", Options: map[string]string{"subject": "deploy.done"}},
		},
	}
	if err := w.source.Report(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"gozer.report.acme.my=20gate.success", "gozer.report.acme.deploy.done"} {
		m, err := sub.NextMsg(10 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		body := `{"id":"r1","tenant":"acme","pipeline":"my gate","action":"success","result":"SUCCESS","buildset":"bs",` +
			`"refs":[{"project":"local/org/app","branch":"main","ref":"refs/changes/07/7/2","change":7,"patchset":2}],` +
			`"builds":[{"uuid":"b","job":"unit","result":"SUCCESS","voting":true,"duration":1.5}]}`
		if m.Subject != want || string(m.Data) != body {
			t.Errorf("on %s: %s", m.Subject, m.Data)
		}
	}
	r.Reporters = []scheduler.Reporter{{Connection: "nats", Options: map[string]string{"subject": "a..>"}}}
	if err := w.source.Report(t.Context(), r); err == nil {
		t.Error("a subject with wildcards was taken")
	}
}

func TestSchemaIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../../docs/events.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(doc) != string(natssource.Schema) {
		t.Error("docs/events.schema.json differs from events.schema.json here; copy it")
	}
}
