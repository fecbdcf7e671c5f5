package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/client"
)

func TestVerifyLogOfARunningServer(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.working(t) // its build waits for ever
	data, file := filepath.Join(s.dir, "data"), filepath.Join(s.dir, "gozer.yaml")
	s.ok(t, "enqueue", "try", "1,1")
	elsewhere := &server{url: "http://127.0.0.1:1", token: s.token} // the data directory tells where its server is
	for _, args := range [][]string{{"--data", data}, {"--config", file}, {"--data", data, "--tenant", "acme"}} {
		wants(t, elsewhere.ok(t, append([]string{"admin", "verify-log"}, args...)...), "acme: ok: ", " live state ", " read models ")
	}
	wants(t, s.ok(t, "admin", "verify-log", "--running"), "acme: ok: ", " live state ")
	found := decode[client.Verification](t, s.ok(t, "admin", "verify-log", "--data", data, "-o", "json"))
	if !found.OK || len(found.Tenants) != 1 || found.Tenants[0].Name != "acme" || found.Tenants[0].Live == 0 {
		t.Errorf("found %+v", found)
	}
}

func TestVerifyLogOfARunningServerNeedsAToken(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.working(t)
	data := filepath.Join(s.dir, "data")
	token := func(args ...string) string {
		return strings.TrimSpace(s.ok(t, append([]string{"admin", "create-auth-token", "--data", data, "--user", "bob"}, args...)...))
	}
	for name, c := range map[string]struct {
		token string
		args  []string
		want  string
	}{
		"none":             {"", []string{"--data", data}, "gozer admin create-auth-token --data " + data + " --user NAME --tenant '*'; then"},
		"none, one tenant": {"", []string{"--data", data, "--tenant", "acme"}, "--user NAME --tenant acme; then"},
		"none, by URL":     {"", []string{"--running"}, "create-auth-token"},
		"of a user":        {token(), []string{"--data", data}, "bob administers no tenant"},
		"of another":       {token("--tenant", "other"), []string{"--data", data, "--tenant", "acme"}, "bob is no administrator of tenant acme"},
		"of one":           {token("--tenant", "acme"), []string{"--data", data}, "--tenant '*'"},
		"of all, misspelt": {s.token, []string{"--data", data, "--tenant", "amce"}, "amce"},
	} {
		caller := &server{url: s.url, token: c.token}
		args := append([]string{"--token-file", filepath.Join(s.dir, "absent"), "admin", "verify-log"}, c.args...)
		if code, out, stderr := caller.gozer(t, args...); code != exitRefused || out != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("token %s: exit code %d, output %q, error %q", name, code, out, stderr)
		}
	}
	caller := &server{url: s.url, token: token("--tenant", "acme")}
	wants(t, caller.ok(t, "admin", "verify-log", "--data", data, "--tenant", "acme"), "acme: ok: ")
}

func TestVerificationIsPrinted(t *testing.T) {
	t.Parallel()
	const doc = `{"ok": false, "tenants": [
		{"name": "acme", "ok": false, "head": 35, "hash": "4b1bdd2cdd1fb9a7aaaa", "commits": 35, "events": 101, "live": 34, "snapshot": 30, "models": 33, "rows": 158,
			"problems": ["live state of commit 34 \u001b[31mdiffers"], "differences": ["builds 1: missing"]},
		{"name": "other", "ok": true, "head": 2, "hash": "aaaa", "commits": 2, "events": 3, "live": 0, "snapshot": 0, "models": 2, "rows": 5, "problems": [], "differences": []}]}`
	const want = `acme: DIFFERS: 35 commits, 101 events, head 35 4b1bdd2cdd1fb9a7, live state 34, snapshot 30, read models 33 with 158 rows
  live state of commit 34  [31mdiffers
  builds 1: missing
other: ok: 2 commits, 3 events, head 2 aaaa, snapshot 0, read models 2 with 5 rows
`
	var out strings.Builder
	err := showVerification(&env{out: &out}, []byte(doc))
	if code := report(&out, err); code != exitRefused || out.String() != want {
		t.Errorf("exit code %d, printed\n%swant\n%s", code, out.String(), want)
	}
}
