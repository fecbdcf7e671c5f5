package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// clone is a repository in which somebody works.
type clone struct {
	t       *testing.T
	s       *server
	who     person
	project string
	dir     string
	remote  string
}

// files are contents by path.
type files map[string]string

// clone makes an empty repository of a person for a project of the server.
func (s *server) clone(who person, project string) *clone {
	s.t.Helper()
	c := &clone{t: s.t, s: s, who: who, project: project, dir: s.t.TempDir(), remote: s.remote(who, project)}
	c.git("init", "-q", "-b", "main")
	c.git("remote", "add", "origin", c.remote)
	return c
}

func (s *server) remote(who person, project string) string {
	return fmt.Sprintf("http://%s:%s@%s/git/%s", who.name, who.token, s.listen, project)
}

// try runs the real git.
func (c *clone) try(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
		"GIT_AUTHOR_NAME="+c.who.name, "GIT_AUTHOR_EMAIL="+c.who.name+"@example.com",
		"GIT_COMMITTER_NAME="+c.who.name, "GIT_COMMITTER_EMAIL="+c.who.name+"@example.com",
	)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("git %s: %w\n%s", args[0], err, out.String())
	}
	return strings.TrimSpace(out.String()), nil
}

func (c *clone) git(args ...string) string {
	c.t.Helper()
	out, err := c.try(c.t.Context(), args...)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// commit writes files and records them on top of what is checked out.
func (c *clone) commit(message string, content files) string {
	c.t.Helper()
	for name, data := range content {
		path := filepath.Join(c.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			c.t.Fatal(err)
		}
	}
	c.git("add", "-A")
	c.git("commit", "-q", "-m", message)
	return c.git("rev-parse", "HEAD")
}

// fresh checks out the newest state of the branch.
func (c *clone) fresh() {
	c.t.Helper()
	c.git("fetch", "-q", "origin")
	c.git("checkout", "-q", "--detach", "-f", "origin/main")
}

// numberPrinted finds the change's number in what git push printed.
var numberPrinted = regexp.MustCompile(`change (\d+)`)

// propose pushes what is checked out for review and returns the change.
func (c *clone) propose() int {
	c.t.Helper()
	n, err := number(c.git("push", "origin", "HEAD:refs/for/main"))
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

func number(printed string) (int, error) {
	m := numberPrinted.FindStringSubmatch(printed)
	if m == nil {
		return 0, fmt.Errorf("git push named no change:\n%s", printed)
	}
	return strconv.Atoi(m[1])
}

// change proposes new files on top of the branch.
func (c *clone) change(message string, content files) int {
	c.t.Helper()
	c.fresh()
	c.commit(message, content)
	return c.propose()
}

// refused pushes what must be refused and returns what git said.
func (c *clone) refused(args ...string) string {
	c.t.Helper()
	out, err := c.try(c.t.Context(), append([]string{"push"}, args...)...)
	if err == nil {
		c.t.Fatalf("git push %v was accepted:\n%s", args, out)
	}
	return out
}

// found creates a project with a first commit on its branch.
func (s *server) found(project string, content files) *clone {
	s.t.Helper()
	s.post(s.admin, "/api/connection/local/projects", map[string]string{"name": project})
	c := s.clone(s.admin, project)
	c.commit("First version", content)
	c.git("push", "-q", "origin", "main")
	return c
}
