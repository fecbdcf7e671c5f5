package local_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/source/local"
	"github.com/gozer-ci/gozer/scheduler"
)

// TestMain fails when a test leaves a goroutine or a process behind.
func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if left := children(); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "processes left behind:", left)
		code = 1
	}
	os.Exit(code)
}

// children lists the processes that this one started and that still exist.
func children() []string {
	self := strconv.Itoa(os.Getpid())
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var found []string
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, after, _ := strings.Cut(string(data), ") ")
		if f := strings.Fields(after); len(f) > 1 && f[1] == self {
			found = append(found, string(data))
		}
	}
	return found
}

type tokens map[string]local.User

func (t tokens) Authenticate(token string) (local.User, bool) {
	u, ok := t[token]
	return u, ok
}

// server is a source behind a real HTTP server.
type server struct {
	*local.Source
	t    testing.TB
	dir  string
	cfg  local.Config
	pool *git.Pool
	http *httptest.Server

	mu sync.RWMutex // guards Source against restarts
}

func newServer(t testing.TB, edit ...func(*local.Config)) *server {
	t.Helper()
	s := &server{t: t, dir: t.TempDir(), pool: git.NewPool(git.PoolConfig{})}
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.RLock()
		defer s.mu.RUnlock()
		http.StripPrefix("/git", s.Handler()).ServeHTTP(w, r)
	}))
	s.cfg = local.Config{
		Connection: "local", Dir: s.dir, PublicURL: s.http.URL, Git: s.pool,
		Auth:   tokens{"alice-token": {Name: "alice"}, "bob-token": {Name: "bob"}, "root-token": {Name: "root", Admin: true}},
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	for _, e := range edit {
		e(&s.cfg)
	}
	s.open()
	t.Cleanup(func() {
		s.http.Close()
		if err := errors.Join(s.Close(), s.pool.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *server) open() {
	s.t.Helper()
	src, err := local.Open(s.t.Context(), s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Source = src
}

// restart closes the source and opens it again on the same files.
func (s *server) restart() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.open()
}

// collect runs the outbox until n events have arrived, and returns them.
func (s *server) collect(n int) []scheduler.TriggerEvent {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	var got []scheduler.TriggerEvent
	err := s.Run(ctx, func(_ context.Context, events ...scheduler.TriggerEvent) error {
		if got = append(got, events...); len(got) == n {
			cancel()
		}
		return nil
	})
	if len(got) != n {
		s.t.Fatalf("got %d events, want %d: %v", len(got), n, err)
	}
	return got
}

// project creates a project with one commit on main and returns a clone of it.
func (s *server) project(name string) *clone {
	s.t.Helper()
	if _, err := s.CreateProject(s.t.Context(), name, ""); err != nil {
		s.t.Fatal(err)
	}
	c := &clone{t: s.t, s: s, dir: filepath.Join(s.t.TempDir(), "work"), user: "alice"}
	if out, err := c.run("", "init", "-q", "-b", "main", c.dir); err != nil {
		s.t.Fatal(err, out)
	}
	c.git("remote", "add", "origin", s.remote("alice:alice-token@", name))
	c.commit("README", "hello\n", "First")
	c.git("push", "-q", "origin", "main")
	return c
}

// remote is the URL of a repository with credentials.
func (s *server) remote(who, project string) string {
	return strings.Replace(s.http.URL, "http://", "http://"+who, 1) + "/git/" + project
}

// clone is a work tree with a real git client.
type clone struct {
	t    testing.TB
	s    *server
	dir  string
	user string
}

func (c *clone) run(dir string, args ...string) (string, error) {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(git.Environ(), "GIT_AUTHOR_NAME="+c.user, "GIT_AUTHOR_EMAIL="+c.user+"@example.com",
		"GIT_COMMITTER_NAME="+c.user, "GIT_COMMITTER_EMAIL="+c.user+"@example.com")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// git runs a command that must succeed.
func (c *clone) git(args ...string) string {
	c.t.Helper()
	out, err := c.run(c.dir, args...)
	if err != nil {
		c.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(out)
}

// refused runs a command that must fail with the given words in its output.
func (c *clone) refused(words string, args ...string) {
	c.t.Helper()
	out, err := c.run(c.dir, args...)
	if err == nil || !strings.Contains(out, words) {
		c.t.Errorf("git %s: %v, want %q in:\n%s", strings.Join(args, " "), err, words, out)
	}
}

func (c *clone) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clone) commit(name, text, message string) string {
	c.t.Helper()
	c.write(name, text)
	c.git("add", "-A")
	c.git("commit", "-q", "-m", message)
	return c.git("rev-parse", "HEAD")
}

var announced = regexp.MustCompile(`(?m)^remote:\s+new (?:change|patchset of change) (\d+), patchset (\d+)`)

// propose pushes HEAD for review and returns the numbers of changes announced.
func (c *clone) propose() []int {
	c.t.Helper()
	out := c.git("push", "origin", "HEAD:refs/for/main")
	var numbers []int
	for _, m := range announced.FindAllStringSubmatch(out, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			c.t.Fatal(err)
		}
		numbers = append(numbers, n)
		if url := fmt.Sprintf("%s/change/%d", c.s.http.URL, n); !strings.Contains(out, url) {
			c.t.Errorf("no %s in\n%s", url, out)
		}
	}
	return numbers
}

// facts returns what the core is told about a change.
func (s *server) facts(project string, number int) scheduler.Change {
	s.t.Helper()
	all, err := s.Closure(s.t.Context(), project, number)
	if err != nil {
		s.t.Fatal(err)
	}
	return all[0]
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refused *source.Error
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("got error %v, want code %s", err, code)
	}
}
