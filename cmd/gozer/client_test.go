package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// server is a running gozer serve in this process.
type server struct {
	url, token, dir string
}

const tenantFile = `- tenant:
    name: acme
    source:
      local:
        config-projects: [{org/config: {load-branch: main}}]
        untrusted-projects: [org/app]
`

// serve starts a server; it stops with the test.
func serve(t *testing.T) *server {
	t.Helper()
	return serveIn(t, t.TempDir())
}

func serveIn(t *testing.T, dir string) *server {
	t.Helper()
	s := &server{dir: dir}
	file := filepath.Join(s.dir, "gozer.yaml")
	text := "data: data\nlisten: 127.0.0.1:0\nexecutor: {sandbox: none}\nlog: {level: warn}\n"
	for name, data := range map[string]string{file: text, filepath.Join(s.dir, "tenants.yaml"): tenantFile} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.token = strings.TrimSpace(s.ok(t, "admin", "create-auth-token", "--config", file, "--user", "alice", "--tenant", "*"))
	ctx, stop := context.WithCancel(t.Context())
	ready, done := &firstLine{line: make(chan string, 1)}, make(chan int, 1)
	var stderr bytes.Buffer
	go func() { done <- run(ctx, []string{"serve", "--config", file}, ready, &stderr) }()
	t.Cleanup(func() {
		stop()
		if code := <-done; code != exitDone {
			t.Errorf("serve ended with %d: %s", code, stderr.String())
		}
	})
	select {
	case line := <-ready.line:
		s.url = strings.TrimPrefix(strings.TrimSpace(line), "Gozer is at ")
	case code := <-done:
		done <- code
		t.Fatalf("serve ended with %d: %s", code, stderr.String())
	}
	return s
}

// firstLine hands on the first thing that is written.
type firstLine struct{ line chan string }

func (f *firstLine) Write(p []byte) (int, error) {
	select {
	case f.line <- string(p):
	default:
	}
	return len(p), nil
}

// gozer runs a command against the server.
func (s *server) gozer(t *testing.T, args ...string) (code int, out, stderr string) {
	t.Helper()
	var o, e bytes.Buffer
	if s.url != "" {
		args = append([]string{"--url", s.url, "--token", s.token}, args...)
	}
	code = run(t.Context(), args, &o, &e)
	return code, o.String(), e.String()
}

// ok runs a command that must succeed.
func (s *server) ok(t *testing.T, args ...string) string {
	t.Helper()
	code, out, stderr := s.gozer(t, args...)
	if code != exitDone {
		t.Fatalf("gozer %s: exit code %d: %s", strings.Join(args, " "), code, stderr)
	}
	return out
}

func (s *server) git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=Alice", "-c", "user.email=a@example.com"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// ready waits until the server has loaded the tenant.
func (s *server) ready(t *testing.T) {
	t.Helper()
	for {
		code, _, stderr := s.gozer(t, "status", "--tenant", "acme")
		if code == exitDone {
			return
		}
		if !strings.Contains(stderr, "isn't ready") {
			t.Fatal(stderr)
		}
	}
}

// push makes change 1 of org/app.
func (s *server) push(t *testing.T) {
	t.Helper()
	work := t.TempDir()
	s.git(t, work, "init", "-q", "-b", "main")
	if err := os.WriteFile(filepath.Join(work, "hello"), []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	remote := strings.Replace(s.url, "://", "://alice:"+s.token+"@", 1) + "/git/org/app"
	s.git(t, work, "commit", "-q", "--allow-empty", "-m", "Begin")
	s.git(t, work, "push", "-q", remote, "HEAD:refs/heads/main")
	s.git(t, work, "add", ".")
	s.git(t, work, "commit", "-q", "-m", "Say hello")
	s.git(t, work, "push", "-q", remote, "HEAD:refs/for/main")
}

func wants(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in\n%s", p, text)
		}
	}
}

func TestReviewFromTheCommandLine(t *testing.T) {
	t.Parallel()
	s := serve(t)
	wants(t, s.ok(t, "project", "create", "org/app"), "org/app is at "+s.url, "git clone")
	wants(t, s.ok(t, "project", "list"), "org/app", "main")
	s.push(t)
	wants(t, s.ok(t, "change", "list"), "1,1", "org/app", "open", "alice", "Say hello")
	wants(t, s.ok(t, "change", "vote", "1", "Code-Review=+1", "-m", "looks good"), "1,1 open", "Code-Review+1")
	wants(t, s.ok(t, "change", "comment", "1", "recheck"), "1,1 open")
	wants(t, s.ok(t, "change", "approve", "1"), "Code-Review+2", "Workflow+1")
	wants(t, s.ok(t, "change", "show", "1"), "Say hello", "looks good", "recheck", "owner")
	wants(t, s.ok(t, "change", "abandon", "1", "-m", "no more"), "1,1 abandoned")
	if out := s.ok(t, "change", "list"); strings.Contains(out, "Say hello") {
		t.Errorf("an abandoned change is listed as open:\n%s", out)
	}
	wants(t, s.ok(t, "change", "list", "--status", "abandoned"), "Say hello")
	wants(t, s.ok(t, "change", "restore", "1"), "1,1 open")
	var list []struct{ Number int }
	if err := json.Unmarshal([]byte(s.ok(t, "change", "list", "--output", "json")), &list); err != nil || len(list) != 1 || list[0].Number != 1 {
		t.Errorf("JSON gave %v, %v", list, err)
	}
}

func TestRefusalsOfTheServer(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.ok(t, "project", "create", "org/config")
	s.ok(t, "project", "create", "org/app")
	s.ready(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"change", "show", "99"}, "99"},
		{[]string{"change", "approve", "99"}, "99"},
		{[]string{"build-info", "nothing"}, "nothing"},
		{[]string{"status", "--tenant", "other"}, "Unknown tenant"},
		{[]string{"console", "--no-follow", "nothing"}, "Build not found"},
		{[]string{"--token", "wrong", "project", "create", "org/x"}, "create-auth-token"},
		{[]string{"enqueue", "gate", "99"}, "99"},
		{[]string{"enqueue", "gate", "refs/heads/main", "--project", "org/absent"}, "org/absent"},
	} {
		code, out, stderr := s.gozer(t, c.args...)
		if code != exitRefused || out != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d, output %q, error %q", c.args, code, out, stderr)
		}
	}
	wants(t, s.ok(t, "status"), "nothing to do in tenant acme")
	wants(t, s.ok(t, "builds"), "BUILD")
	wants(t, s.ok(t, "buildsets"), "BUILDSET")
}
