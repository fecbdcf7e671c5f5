package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/git"
)

// acme is a tenant with a config-project and two others.
const acme = `- tenant:
    name: acme
    source:
      local:
        config-projects: [config]
        untrusted-projects: [org/app, org/lib]
`

// pipelines are the pipelines of most tests: hold and quick run by hand only.
const pipelines = `- pipeline: {name: hold, manager: independent, trigger: {nats: [{event: hold}]}}
- pipeline: {name: quick, manager: independent, trigger: {nats: [{event: quick}]}, success: {local: {Verified: 1}}, failure: {local: {Verified: -1}}}
- job: {name: base, parent: null}
- job: {name: wait, run: wait.sh}
- job: {name: pass, run: pass.sh}
- project: {name: org/app, hold: {jobs: [wait]}, quick: {jobs: [pass]}}
`

// content is the config-project with pipelines.
func content() files {
	return files{"zuul.yaml": pipelines, "wait.sh": "echo waiting\nexec sleep 600\n", "pass.sh": "echo passed\n"}
}

type files map[string]string

// patience is how long tests wait for what must happen.
const patience = 60 * time.Second

// server is a whole server in this process.
type server struct {
	*app.App
	t   *testing.T
	dir string
	cfg config.Config
	log *logBuffer

	client *http.Client
	stop   context.CancelFunc
	done   chan error
}

// setup describes a server; empty fields mean the usual.
type setup struct {
	dir     string // an old one, to start there again
	tenants string
	edit    func(*config.Config)
	parts   app.Parts
}

func (s setup) config(t *testing.T) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.Tenants, cfg.Listen = filepath.Join(s.dir, "data"), filepath.Join(s.dir, "tenants.yaml"), "127.0.0.1:0"
	cfg.Executor.Sandbox = "none"
	if s.tenants != "" {
		if err := os.WriteFile(cfg.Tenants, []byte(s.tenants), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s.edit != nil {
		s.edit(&cfg)
	}
	return cfg
}

// open opens a server that does not run yet.
func open(t *testing.T, s setup) (*server, error) {
	t.Helper()
	if s.dir == "" {
		s.dir = t.TempDir()
	}
	out := &server{t: t, dir: s.dir, cfg: s.config(t), log: &logBuffer{}}
	out.client = &http.Client{Timeout: patience, Transport: &http.Transport{}}
	t.Cleanup(out.client.CloseIdleConnections)
	a, err := app.OpenParts(t.Context(), out.cfg, slog.New(slog.NewTextHandler(out.log, nil)), s.parts)
	out.App = a
	return out, err
}

// start runs a server until the test ends.
func start(t *testing.T, s setup) *server {
	t.Helper()
	out, err := open(t, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	out.stop, out.done = stop, make(chan error, 1)
	ready := make(chan struct{})
	go func() { out.done <- errors.Join(out.Run(ctx, func(string) { close(ready) }), out.Close()) }()
	t.Cleanup(out.end)
	select {
	case <-ready:
	case err := <-out.done:
		out.done <- err
		t.Fatal(err)
	}
	return out
}

// end stops the server; it may be called again.
func (s *server) end() {
	s.t.Helper()
	s.client.CloseIdleConnections()
	s.stop()
	select {
	case err := <-s.done:
		s.done <- nil
		if err != nil {
			s.t.Errorf("the server ended with %v", err)
		}
	case <-time.After(patience):
		s.t.Error("the server does not end")
	}
	if s.t.Failed() {
		s.t.Logf("%s", s.log)
	}
}

// logBuffer is where a server writes its log.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// token signs for a user who administers tenants.
func (s *server) token(user string, tenants ...string) string {
	s.t.Helper()
	configs, err := app.AuthConfigs(s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	token, err := auth.Sign(configs[0], auth.Grant{UID: user, Admin: tenants, Now: time.Now(), Validity: time.Hour})
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   string
}

// call sends a request; header holds names and values.
func (s *server) call(token, method, path, body string, header ...string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// want holds an answer to a status and words.
func (s *server) want(a answer, status int, words ...string) answer {
	s.t.Helper()
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			s.t.Errorf("no %q in %s", w, a.body)
		}
	}
	if a.status != status {
		s.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// get decodes an answer that must be there.
func (s *server) get(path string, out any, header ...string) {
	s.t.Helper()
	a := s.want(s.call("", "GET", path, "", header...), http.StatusOK)
	if err := json.Unmarshal([]byte(a.body), out); err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
}

// await asks until ok says yes.
func (s *server) await(what string, ok func() bool) {
	s.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit.C:
			s.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// awaitReady waits until a tenant has a layout with a pipeline.
func (s *server) awaitReady(tenant, pipeline string) {
	s.t.Helper()
	s.await(fmt.Sprintf("tenant %s has pipeline %s", tenant, pipeline), func() bool {
		a := s.call("", "GET", "/api/tenant/"+tenant+"/pipelines", "")
		return a.status == http.StatusOK && strings.Contains(a.body, `"`+pipeline+`"`)
	})
}

// found makes a project with one commit on main.
func (s *server) found(project string, content files) *clone {
	s.t.Helper()
	s.want(s.call(s.token("root", "*"), "POST", "/api/connection/local/projects", `{"name":"`+project+`"}`), http.StatusCreated)
	c := &clone{s: s, project: project, dir: s.t.TempDir()}
	c.git("init", "-q", "-b", "main")
	c.git("remote", "add", "origin", strings.Replace(s.URL(), "://", "://root:"+s.token("root", "*")+"@", 1)+"/git/"+project)
	c.commit(content)
	c.git("push", "-q", "origin", "main")
	return c
}

// acme founds the projects of the tenant.
func (s *server) acme() *clone {
	s.t.Helper()
	s.found("config", content())
	out := s.found("org/app", files{"README": "app\n"})
	s.awaitReady("acme", "hold")
	return out
}

// clone is a work tree of a project.
type clone struct {
	s       *server
	project string
	dir     string
	commits int
}

func (c *clone) git(args ...string) string {
	c.s.t.Helper()
	return runGit(c.s.t, c.dir, args...)
}

func runGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(git.Environ(), "GIT_AUTHOR_NAME=root", "GIT_AUTHOR_EMAIL=r@example.com", "GIT_COMMITTER_NAME=root", "GIT_COMMITTER_EMAIL=r@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit records files on top of what is checked out.
func (c *clone) commit(content files) string {
	c.s.t.Helper()
	writeAll(c.s.t, c.dir, content)
	c.commits++
	c.git("add", "-A")
	c.git("commit", "-q", "--allow-empty", "-m", fmt.Sprintf("Commit %d of %s", c.commits, c.project))
	return c.git("rev-parse", "HEAD")
}

func writeAll(t *testing.T, dir string, content files) {
	t.Helper()
	for name, data := range content {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// propose makes the next change of the server, numbered from 1.
func (c *clone) propose(content files) {
	c.s.t.Helper()
	c.git("checkout", "-q", "--detach", "origin/main")
	c.commit(content)
	c.git("push", "-q", "origin", "HEAD:refs/for/main")
}

// workspaces counts the builds that have one.
func (s *server) workspaces() int {
	s.t.Helper()
	list, err := os.ReadDir(filepath.Join(s.dir, "data", "builds"))
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}
