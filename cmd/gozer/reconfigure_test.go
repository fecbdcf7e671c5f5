package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTenantsAreChangedWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	s := serve(t)
	config := []string{"--config", filepath.Join(s.dir, "gozer.yaml")}
	gozer := func(args ...string) (int, string, string) { return s.gozer(t, append(args, config...)...) }
	describe := func(text string) {
		if err := os.WriteFile(filepath.Join(s.dir, "tenants.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	describe(tenantFile + "- tenant: {name: beta}\n")
	if code, out, stderr := gozer("smart-reconfigure"); code != exitDone || !strings.Contains(out, "beta    added") || !strings.Contains(out, "unchanged") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	if code, out, stderr := gozer("full-reconfigure", "-o", "json"); code != exitDone || strings.Count(out, `"happened": "loaded"`) != 2 {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	if code, out, stderr := gozer("tenant-reconfigure", "beta"); code != exitDone || strings.Count(out, "loaded") != 1 {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	describe(tenantFile + "- tenant: {name: beta, sauce: x}\n")
	if code, out, stderr := gozer("smart-reconfigure"); code != exitRefused || !strings.Contains(stderr, "sauce") || !strings.Contains(stderr, "nothing was changed") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	describe(tenantFile)
	if code, out, stderr := gozer("tenant-reconfigure", "beta"); code != exitDone || !strings.Contains(out, "removed") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	for _, args := range [][]string{{"tenant-reconfigure", "beta"}, {"admin", "release-tenant", "acme"}, {"admin", "release-tenant", "absent", "--skip-inputs"}} {
		if code, out, stderr := gozer(args...); code != exitRefused || stderr == "" {
			t.Errorf("%v: exit code %d: %s%s", args, code, out, stderr)
		}
	}
	if code, _, stderr := s.gozer(t, "full-reconfigure", "--data", t.TempDir()); code != exitRefused || !strings.Contains(stderr, "no server is running") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
