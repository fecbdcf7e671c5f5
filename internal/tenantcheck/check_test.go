package tenantcheck_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/tenantcheck"
)

const tenantFile = `- tenant:
    name: acme
    source:
      local:
        config-projects: [org/config]
        untrusted-projects: [org/app]
`

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func check(t *testing.T, dir string) string {
	t.Helper()
	r, err := tenantcheck.Check(t.Context(), filepath.Join(dir, "tenants.yaml"), filepath.Join(dir, "repos"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Problems.String()
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func TestPlainDirectories(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"tenants.yaml":                    tenantFile,
		"repos/org/config/zuul.d/p.yaml":  "- pipeline: {name: check, manager: independent, trigger: {local: [{event: patchset-created}]}}\n- job: {name: base, parent: null}\n",
		"repos/org/app/zuul.yaml":         "- project: {check: {jobs: [absent]}}\n",
		"repos/org/app/src/other.yaml":    "- job: [\n",
		"repos/org/config/zuul.d/x/y.txt": "not yaml: [\n",
	})
	got := check(t, dir)
	if !strings.Contains(got, "local/org/app@main:zuul.yaml:1:") || !strings.Contains(got, "absent") || strings.Count(got, ": error:") != 1 {
		t.Errorf("problems:\n%s", got)
	}
}

func TestWorkTreesAndBareRepositories(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	work := filepath.Join(dir, "work")
	write(t, dir, map[string]string{"tenants.yaml": tenantFile, "work/.zuul.yaml": "- jab: {}\n"})
	git(t, work, "init", "-q", "-b", "devel")
	git(t, work, "add", ".")
	git(t, work, "commit", "-q", "-m", "one")
	git(t, work, "checkout", "-q", "-b", "old")
	git(t, dir, "clone", "-q", "--bare", work, filepath.Join(dir, "repos/org/app.git"))
	git(t, dir, "clone", "-q", work, filepath.Join(dir, "repos/org/config"))
	got := check(t, dir)
	for _, place := range []string{"local/org/app@devel:.zuul.yaml:1:3", "local/org/app@old:.zuul.yaml:1:3", "local/org/config@master:.zuul.yaml:1:3"} {
		if !strings.Contains(got, place) {
			t.Errorf("nothing about %s in\n%s", place, got)
		}
	}
}

func TestMissingProjectsAreWarnings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"tenants.yaml": tenantFile})
	if got := check(t, dir); strings.Count(got, "[missing-project]") != 2 || strings.Contains(got, ": error:") {
		t.Errorf("problems:\n%s", got)
	}
}
