package local_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/source/local"
)

func post(t *testing.T, s *server, path, token string, body []byte, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.http.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("alice", token)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.http.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestGarbagePushes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	zero, hash := strings.Repeat("0", 40), strings.Repeat("a", 40)
	pkt := func(line string) string { return fmt.Sprintf("%04x%s", len(line)+4, line) }
	command := pkt(zero+" "+hash+" refs/for/main\x00 report-status") + "0000"
	for name, test := range map[string]struct {
		body string
		code int
		want string
	}{
		"nothing":            {"", 200, ""},
		"a flush only":       {"0000", 200, ""},
		"no protocol":        {"GET / HTTP/1.1", 400, "malformed packet length"},
		"a short packet":     {"0020abc", 400, "unexpected EOF"},
		"a bad length":       {"0001", 400, "out of range"},
		"a bad command":      {pkt("hello") + "0000", 400, "malformed command"},
		"a bad ref":          {pkt(zero+" "+hash+" main") + "0000", 400, "malformed command"},
		"no pack":            {command, 200, "the push holds no pack"},
		"garbage for a pack": {command + "garbage garbage garbage", 200, "the push holds no pack"},
		"a pack of garbage":  {command + "PACK\x00\x00\x00\x02\x00\x00\x00\x05garbage garbage garbage", 200, "the pack is refused"},
		"a huge empty pack":  {command + "PACK\x00\x00\x00\x02\xff\xff\xff\xff", 200, "the pack is refused"},
		"a missing object":   {command + "PACK\x00\x00\x00\x02\x00\x00\x00\x00" + "\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e", 200, "is no commit that can be reviewed"},
		"a strange ref":      {strings.Replace(command, "for/main", "for/ma..", 1) + "PACK\x00\x00\x00\x02\x00\x00\x00\x00" + "\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e", 200, "is no branch name"},
	} {
		code, text := post(t, s, "/git/p/git-receive-pack", "alice-token", []byte(test.body))
		if code != test.code || !strings.Contains(text, test.want) {
			t.Errorf("%s: %d %q, want %d %q", name, code, text, test.code, test.want)
		}
	}
	if code, text := post(t, s, "/git/p/git-receive-pack", "alice-token", []byte("x"), "Content-Encoding", "gzip"); code != 400 {
		t.Errorf("bad gzip: %d %s", code, text)
	}
	if code, text := post(t, s, "/git/nothing/git-receive-pack", "alice-token", nil); code != 404 {
		t.Errorf("unknown project: %d %s", code, text)
	}
	if code, _ := post(t, s, "/git/p/git-upload-pack", "", []byte("garbage"), "Git-Protocol", "version=2 --evil"); code != 200 {
		t.Errorf("garbage fetch: %d", code)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "git/p.git/objects/incoming-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	c.commit("a", "a", "Add a")
	c.propose()
}

func TestBadObjectsAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	// A tree with an entry called .git would be checked out over the repository.
	blob := c.git("hash-object", "-w", "README")
	path := filepath.Join(c.dir, "tree")
	raw := append([]byte("100644 .git\x00"), unhex(t, blob)...)
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	tree := c.git("hash-object", "-t", "tree", "-w", "--literally", "tree")
	commit := c.git("commit-tree", tree, "-p", "HEAD", "-m", "Evil")
	c.refused("the pack is refused", "push", "origin", commit+":refs/for/main")
	if changes, err := s.Changes(local.Filter{}); err != nil || len(changes) != 0 {
		t.Errorf("changes %v, %v", changes, err)
	}
}

func TestHooksAndConfigurationDoNotRun(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	repo, canary := filepath.Join(s.dir, "git/p.git"), filepath.Join(t.TempDir(), "canary")
	if err := os.MkdirAll(filepath.Join(repo, "hooks"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive"} {
		if err := os.WriteFile(filepath.Join(repo, "hooks", hook), []byte("#!/bin/sh\ntouch "+canary+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c.commit("a", "a", "Add a\x1b[2J\a")
	out := c.git("push", "origin", "HEAD:refs/for/main")
	if strings.Contains(out, "\x1b[2J") || strings.Contains(out, "\a") {
		t.Errorf("the subject reaches the terminal as it is: %q", out)
	}
	c.git("fetch", "-q", "origin")
	if _, err := os.Stat(canary); err == nil {
		t.Error("a hook ran")
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	var b []byte
	if _, err := fmt.Sscanf(s, "%x", &b); err != nil {
		t.Fatal(err)
	}
	return b
}
