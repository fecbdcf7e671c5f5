package perf

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// post calls the API and returns the answer.
func (s *server) post(path string, in any) []byte {
	s.b.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		s.b.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.b.Context(), http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		s.b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.b.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		s.b.Fatalf("POST %s: %s: %s %v", path, resp.Status, data, err)
	}
	return data
}

// approve gives a change the votes that the gate waits for.
func (s *server) approve(number int) {
	s.b.Helper()
	s.post(fmt.Sprintf("/api/connection/local/changes/%d/approve", number), struct{}{})
}

// clone is a repository that a person works in.
type clone struct {
	s    *server
	dir  string
	base string // the commit that changes begin at
}

// project makes a project of the server with some files on main.
func (s *server) project(name string, files map[string]string) *clone {
	s.b.Helper()
	s.post("/api/connection/local/projects", map[string]string{"name": name})
	c := &clone{s: s, dir: filepath.Join(s.dir, "clones", name)}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		s.b.Fatal(err)
	}
	remote := strings.Replace(s.url, "http://", "http://"+user+":"+s.token+"@", 1) + "/git/" + name
	c.git("init", "-q", "-b", "main")
	c.git("remote", "add", "origin", remote)
	for path, text := range files {
		c.write(path, text)
	}
	c.git("add", "-A")
	c.git("commit", "-q", "-m", "Begin "+name)
	c.git("push", "-q", "origin", "HEAD:refs/heads/main")
	c.base = strings.TrimSpace(c.git("rev-parse", "HEAD"))
	return c
}

func (c *clone) write(path, text string) {
	c.s.b.Helper()
	path = filepath.Join(c.dir, path)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o755)
	}
	if err != nil {
		c.s.b.Fatal(err)
	}
}

// git runs the real git as the user.
func (c *clone) git(args ...string) string {
	c.s.b.Helper()
	return c.gitIn(nil, args...)
}

func (c *clone) gitIn(in io.Reader, args ...string) string {
	c.s.b.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(c.s.b.Context()), "git", args...)
	cmd.Dir, cmd.Stdin = c.dir, in
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME="+user, "GIT_AUTHOR_EMAIL="+user+"@example.com",
		"GIT_COMMITTER_NAME="+user, "GIT_COMMITTER_EMAIL="+user+"@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.s.b.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// pushAtOnce is how many changes one push makes; more are refused by default.
const pushAtOnce = 50

// changes makes n changes that do not depend on each other, with one file
// each, and pushes them.
func (c *clone) changes(first, n int) {
	c.s.b.Helper()
	var in strings.Builder
	for i := first; i < first+n; i++ {
		message := fmt.Sprintf("Change %d\n\nIt adds a file.\n", i)
		fmt.Fprintf(&in, "commit refs/heads/change-%d\nmark :%d\ncommitter %s <%s@example.com> 1700000000 +0000\ndata %d\n%s\nfrom %s\nM 100644 inline dir-%d/file-%d\ndata 8\ncontent\n\n",
			i, i+1, user, user, len(message), message, c.base, i%16, i)
	}
	c.gitIn(strings.NewReader(in.String()), "fast-import", "--quiet", "--force")
	for n > 0 {
		args := []string{"push", "-q", "origin"}
		for range min(n, pushAtOnce) {
			args = append(args, fmt.Sprintf("refs/heads/change-%d:refs/for/main%%topic=%d", first, first))
			first++
			n--
		}
		c.git(args...)
	}
}

// gated makes a server with projects whose changes are gated.
func gated(b *testing.B, pipeline string, projects []string, queue, job string) (*server, []*clone) {
	b.Helper()
	s := serveLocal(b, projects)
	var clones []*clone
	for _, p := range projects {
		clones = append(clones, s.project(p, map[string]string{"zuul.yaml": stanza(queue, job), "README.md": "A project.\n"}))
	}
	s.project("config", map[string]string{"zuul.yaml": pipeline, "run/true.sh": "#!/bin/sh\ntrue\n"})
	return s, clones
}
