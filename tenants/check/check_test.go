package check

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const tenantFile = `- tenant:
    name: acme
    source:
      local:
        config-projects: [config]
        untrusted-projects: [org/app, org/lib, org/gone]
- tenant:
    name: other
    source:
      local:
        config-projects: [config]
`

const config = `- pipeline:
    name: check
    manager: independent
    trigger: {local: [{event: patchset-created}]}
- job: {name: base, parent: null, run: a.sh}
`

// setup writes the tenant file and a directory of projects: config as a bare
// repository, org/app as a clone with two branches, org/lib as a directory.
func setup(t *testing.T) Options {
	t.Helper()
	dir := t.TempDir()
	o := Options{TenantFile: filepath.Join(dir, "tenants.yaml"), Projects: filepath.Join(dir, "projects")}
	write(t, o.TenantFile, tenantFile)
	work := filepath.Join(dir, "work")
	newRepository(t, work, map[string]string{"zuul.yaml": config})
	git(t, dir, "clone", "-q", "--bare", work, filepath.Join(o.Projects, "local", "config"))

	app := filepath.Join(o.Projects, "local", "org", "app")
	newRepository(t, app, map[string]string{".zuul.yaml": "- project: {check: {jobs: [base]}}\n"})
	git(t, app, "checkout", "-q", "-b", "stable")
	write(t, filepath.Join(app, ".zuul.yaml"), "- project: {check: {jobs: [bse]}}\n")
	git(t, app, "commit", "-q", "-a", "-m", "stable")

	write(t, filepath.Join(o.Projects, "local", "org", "lib", "zuul.d", "jobs.yaml"), "- job: {name: lib, run: a.sh}\n- project: {check: {jobs: [lib]}}\n")
	write(t, filepath.Join(o.Projects, "local", "org", "lib", "zuul.d", "old", ".zuul.ignore"), "")
	write(t, filepath.Join(o.Projects, "local", "org", "lib", "zuul.d", "old", "jobs.yaml"), "- nonsense\n")
	return o
}

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}

func newRepository(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		write(t, filepath.Join(dir, name), data)
	}
	git(t, dir, "init", "-q", "-b", "master")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "first")
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	r, err := Run(t.Context(), setup(t))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`local/org/app@stable:.zuul.yaml:1:28: error: the job "bse" is not defined [job-not-found]`,
		"the project org/gone is not in ",
		"tenant acme: 4 projects, 1 pipelines, 3 jobs\n",
		"tenant other: 1 projects, 1 pipelines, 2 jobs\n",
		"1 errors, 1 warnings\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
	if r.OK() {
		t.Error("the report is OK in spite of an error")
	}
}

func TestRunOneTenant(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.Tenant = "other"
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var got reportJSON
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || !got.OK || len(got.Tenants) != 1 || got.Tenants[0].Name != "other" {
		t.Errorf("got %+v, %v", got, err)
	}
	o.Tenant = "nobody"
	if _, err := Run(t.Context(), o); err == nil {
		t.Error("an unknown tenant is not refused")
	}
}

func TestRunWithoutTenantFile(t *testing.T) {
	t.Parallel()
	if _, err := Run(t.Context(), Options{TenantFile: filepath.Join(t.TempDir(), "none.yaml")}); err == nil {
		t.Error("a missing tenant file is no error")
	}
}

// TestJSON holds the form that programs read.
func TestJSON(t *testing.T) {
	t.Parallel()
	o := setup(t)
	write(t, o.TenantFile, tenantFile+"- tenant: {name: broken, sauce: {}}\n- nonsense: {}\n")
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	type problem struct{ Project, Branch, Path, Severity, Code string }
	var got struct {
		Tenants []struct {
			Name                      string
			Errors                    []problem
			Projects, Jobs, Pipelines int
		}
		Errors []problem
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Tenants) != 3 || got.Tenants[0].Projects != 4 || got.Tenants[0].Jobs != 3 || got.Tenants[0].Pipelines != 1 {
		t.Fatalf("got %+v", got)
	}
	want := []problem{
		{"", "", o.TenantFile, "warning", "missing-project"},
		{"org/app", "stable", ".zuul.yaml", "error", "job-not-found"},
	}
	if diff := cmp.Diff(want, got.Tenants[0].Errors); diff != "" {
		t.Errorf("acme (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]problem{{"", "", o.TenantFile, "error", "unknown-key"}}, got.Tenants[2].Errors); diff != "" {
		t.Errorf("broken (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]problem{{"", "", o.TenantFile, "error", "unknown-object"}}, got.Errors); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
}
