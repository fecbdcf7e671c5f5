package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/bolt"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// fake is a source with one project, app, that fails as it is told.
type fake struct {
	name   scheduler.ConnectionName
	dir    string
	tip    string
	events chan scheduler.TriggerEvent

	mu      sync.Mutex
	broken  error   // of its repository
	answers []error // of reports, one after the other, then none
	reports []source.Report
}

// newFake is a source whose project has a pipeline for updates of branches.
func newFake(t *testing.T, name string) *fake {
	t.Helper()
	f := &fake{name: scheduler.ConnectionName(name), dir: t.TempDir(), events: make(chan scheduler.TriggerEvent)}
	runGit(t, f.dir, "init", "-q", "-b", "main")
	writeAll(t, f.dir, files{"zuul.yaml": strings.ReplaceAll(`- pipeline:
    name: post
    manager: independent
    trigger: {HUB: [{event: ref-updated}]}
    success: {HUB: {Verified: 1}}
- job: {name: base, parent: null}
- project: {post: {jobs: [noop]}}
`, "HUB", name)})
	runGit(t, f.dir, "add", "-A")
	runGit(t, f.dir, "commit", "-q", "-m", "First")
	f.tip = runGit(t, f.dir, "rev-parse", "HEAD")
	f.dir = filepath.Join(f.dir, ".git")
	return f
}

func (f *fake) Connection() scheduler.ConnectionName { return f.name }
func (f *fake) Driver() string                       { return "local" }
func (f *fake) CanonicalHost() string                { return string(f.name) }

func (f *fake) Closure(context.Context, string, int) ([]scheduler.Change, error) {
	return nil, &source.Error{Code: source.CodeNotFound, Message: "there are no changes"}
}

func (f *fake) Branches(context.Context, string) ([]source.Branch, error) {
	return []source.Branch{{Name: "main", Commit: f.tip}}, nil
}

func (f *fake) Repository(context.Context, string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dir, f.broken
}

// breaks lets the repository fail, or mends it.
func (f *fake) breaks(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = err
}

func (f *fake) Report(_ context.Context, r source.Report) (source.Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reports = append(f.reports, r)
	if len(f.answers) == 0 {
		return source.Outcome{}, nil
	}
	err := f.answers[0]
	f.answers = f.answers[1:]
	return source.Outcome{}, err
}

func (f *fake) Run(ctx context.Context, sink source.Sink) error {
	for {
		select {
		case e := <-f.events:
			if err := sink(ctx, e); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// push tells of an update of the branch.
func (f *fake) push(t *testing.T, id string) {
	t.Helper()
	ref := scheduler.Ref{
		Connection: f.name, Project: scheduler.ProjectName(f.name) + "/app", Name: "app", Branch: "main",
		Ref: "refs/heads/main", OldRev: strings.Repeat("0", 40), NewRev: f.tip,
	}
	select {
	case f.events <- scheduler.TriggerEvent{ID: scheduler.EventID(id), Connection: f.name, Type: "ref-updated", Ref: ref, BranchUpdated: true, Time: time.Now()}:
	case <-time.After(patience):
		t.Fatal("nobody takes events")
	}
}

func (f *fake) reported() []source.Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]source.Report(nil), f.reports...)
}

// startFakes runs a server with a tenant for each source, named like it.
func startFakes(t *testing.T, sources ...*fake) *server {
	t.Helper()
	s := setup{edit: func(c *config.Config) { c.Connections, c.Merger.Workers = nil, 1 }}
	for _, f := range sources {
		s.tenants += fmt.Sprintf("- tenant: {name: %s, source: {%[1]s: {config-projects: [{app: {extra-config-paths: [ci/extra.yaml]}}]}}}\n", f.name)
		s.parts.Sources = append(s.parts.Sources, f)
	}
	edit := s.edit
	s.edit = func(c *config.Config) {
		edit(c)
		for _, f := range sources {
			c.Connections = append(c.Connections, config.Connection{Name: string(f.name), Driver: "local", CanonicalHostname: string(f.name)})
		}
	}
	return start(t, s)
}

func TestReportsAreTriedUntilTheSourceTakesThem(t *testing.T) {
	t.Parallel()
	hub := newFake(t, "hub")
	hub.answers = []error{errors.New("hub is down"), errors.New("hub is down")}
	s := startFakes(t, hub)
	s.awaitReady("hub", "post")
	hub.push(t, "1")
	s.await("the third report", func() bool { return len(hub.reported()) == 3 })
	list := hub.reported()
	for _, r := range list {
		if r.ID != list[0].ID || r.Votes["Verified"] != 1 || r.Submit {
			t.Errorf("report %+v, the first was %+v", r, list[0])
		}
	}
	s.awaitIdle("hub")
	if !strings.Contains(s.log.String(), "hub is down") {
		t.Error("nobody is told")
	}
}

func TestRefusedReportIsNotRepeated(t *testing.T) {
	t.Parallel()
	hub := newFake(t, "hub")
	hub.answers = []error{&source.Error{Code: source.CodeForbidden, Message: "you may not vote"}}
	s := startFakes(t, hub)
	s.awaitReady("hub", "post")
	hub.push(t, "1")
	s.await("the report", func() bool { return len(hub.reported()) == 1 })
	s.awaitIdle("hub")
	if n := len(hub.reported()); n != 1 {
		t.Errorf("%d reports", n)
	}
}

func TestFurtherConfigurationIsReadAfterAMerge(t *testing.T) {
	t.Parallel()
	hub := newFake(t, "hub")
	s := startFakes(t, hub)
	s.awaitReady("hub", "post")
	work := filepath.Dir(hub.dir)
	writeAll(t, work, files{"ci/extra.yaml": "- pipeline: {name: later, manager: independent, trigger: {hub: [{event: ref-updated}]}}\n"})
	runGit(t, work, "add", "-A")
	runGit(t, work, "commit", "-q", "-m", "Second")
	hub.tip = runGit(t, work, "rev-parse", "HEAD")
	hub.push(t, "1")
	s.awaitReady("hub", "later")
}

// awaitIdle waits until a tenant has no items.
func (s *server) awaitIdle(tenant string) {
	s.t.Helper()
	s.await("tenant "+tenant+" has nothing to do", func() bool {
		return !strings.Contains(s.call("", "GET", "/api/tenant/"+tenant+"/status", "").body, `"refs/heads/main"`)
	})
}

func TestBrokenRepositoryStopsNobodyElse(t *testing.T) {
	t.Parallel()
	hub, mirror := newFake(t, "hub"), newFake(t, "mirror")
	hub.broken = errors.New("input/output error")
	s := startFakes(t, hub, mirror) // with one merge at a time
	s.await("the broken one was tried", func() bool { return strings.Contains(s.log.String(), "input/output error") })
	s.awaitReady("mirror", "post")
	for _, id := range []string{"1", "2", "3"} {
		hub.push(t, id)
	}
	mirror.push(t, "1")
	s.await("a report of the other tenant", func() bool { return len(mirror.reported()) == 1 })
	s.want(s.call("", "GET", "/api/tenant/hub/status", ""), http.StatusUnprocessableEntity, "isn't ready")
	hub.mu.Lock()
	hub.broken = nil
	hub.mu.Unlock()
	s.await("the mended one works", func() bool { return len(hub.reported()) > 0 })
}

func TestSourceThatFailsHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	hub, mirror := newFake(t, "hub"), newFake(t, "mirror")
	for range 1000 {
		hub.answers = append(hub.answers, errors.New("hub is down"))
	}
	s := startFakes(t, hub, mirror)
	s.awaitReady("hub", "post")
	s.awaitReady("mirror", "post")
	hub.push(t, "1")
	s.await("the source fails", func() bool { return len(hub.reported()) > 1 })
	mirror.push(t, "1")
	s.await("a report of the other tenant", func() bool { return len(mirror.reported()) == 1 })
	s.awaitIdle("mirror")
}

func TestTenantThatCannotReadItsLogStopsAlone(t *testing.T) {
	t.Parallel()
	tenants := acme + "- tenant: {name: other, source: {local: {config-projects: [config]}}}\n"
	s := start(t, setup{tenants: tenants})
	s.acme()
	s.awaitReady("other", "hold")
	s.want(s.call("", "GET", "/readyz", ""), http.StatusOK, `"ready":true`)
	s.end()
	// A whole record that this version does not understand.
	log, err := bolt.Open(filepath.Join(s.dir, "data", "log", "log.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	head, err := log.Head(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	_, err = log.Append(t.Context(), eventlog.Record{
		Tenant: "other", Seq: head.Seq + 1, Prev: head.Hash, Time: time.Now(), Body: []byte("something new"),
	})
	if err := errors.Join(err, log.Close()); err != nil {
		t.Fatal(err)
	}
	again := start(t, setup{dir: s.dir})
	again.awaitReady("acme", "hold")
	again.await("the server says who is not ready", func() bool {
		a := again.call("", "GET", "/readyz", "")
		return a.status == http.StatusServiceUnavailable && strings.Contains(a.body, "tenant other") && strings.Contains(a.body, "decode event")
	})
	again.want(again.call("", "GET", "/healthz", ""), http.StatusOK)
	again.want(again.call(again.token("ada", "acme"), "POST", enqueue, `{"pipeline":"quick","ref":"refs/heads/main"}`), http.StatusOK)
	again.awaitBuild("acme", "quick", "SUCCESS")
}

func TestPartsThatCannotBeOpenedCloseTheOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data", "models.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, setup{dir: dir, parts: app.Parts{}}); err == nil {
		t.Fatal("a directory was taken for a database")
	}
	if err := os.Remove(filepath.Join(dir, "data", "models.db")); err != nil {
		t.Fatal(err)
	}
	s, err := open(t, setup{dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
