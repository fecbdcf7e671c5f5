package check

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const explainedConfig = `- pipeline:
    name: check
    manager: independent
    trigger: {local: [{event: patchset-created}]}

- job:
    name: base
    parent: null
    run: base.sh
    pre-run: base-pre.sh
    timeout: 60
    vars: {deep: {a: 1}}

- job:
    name: unit
    pre-run: unit-pre.sh
    nodeset: {nodes: [{name: one, label: small}]}
    vars: {deep: {b: 2}}

- job:
    name: unit
    branches: [stable]
    timeout: 90

- job: {name: last, parent: base, final: true}
`

const explainedApp = `- project:
    vars: {deep: {a: 9}, from: project}
    check:
      jobs:
        - unit:
            voting: false
            dependencies: [{name: base, soft: true}]
        - base:
            branches: [stable]
        - last:
            timeout: 5
`

// explained writes a tenant whose org/app has the branches master and stable.
func explained(t *testing.T) *Report {
	t.Helper()
	o := setup(t)
	work := filepath.Join(t.TempDir(), "config")
	newRepository(t, work, map[string]string{"zuul.d/a.yaml": explainedConfig})
	o.Projects = t.TempDir()
	git(t, work, "clone", "-q", "--bare", ".", filepath.Join(o.Projects, "local", "config"))
	app := filepath.Join(o.Projects, "local", "org", "app")
	newRepository(t, app, map[string]string{"zuul.yaml": explainedApp})
	git(t, app, "branch", "stable")
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestExplain(t *testing.T) {
	t.Parallel()
	r := explained(t)
	questions := map[string]Question{
		"branch":      {"unit", "org/app", "stable", "check"},
		"default":     {"unit", "org/app", "master", "check"},
		"not-here":    {"base", "org/app", "master", "check"},
		"final":       {"last", "org/app", "master", "check"},
		"no-job":      {"unti", "org/app", "master", "check"},
		"no-pipeline": {"unit", "org/app", "master", "chek"},
		"not-run":     {"noop", "org/app", "master", "check"},
	}
	for name, q := range questions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			es, err := r.Explain(q)
			if err != nil {
				t.Fatal(err)
			}
			var text, data bytes.Buffer
			if err := WriteExplanations(&text, es); err != nil {
				t.Fatal(err)
			}
			if err := WriteExplanationsJSON(&data, es); err != nil || !json.Valid(data.Bytes()) {
				t.Errorf("not JSON (%v): %s", err, &data)
			}
			golden(t, filepath.Join("testdata", "explain", name+".txt"), text.String())
		})
	}
}

func TestExplainNobody(t *testing.T) {
	t.Parallel()
	if _, err := explained(t).Explain(Question{Job: "unit", Project: "org/nobody", Branch: "master", Pipeline: "check"}); err == nil {
		t.Error("a project that no tenant has is explained")
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); run go test ./tenants/check -update to accept:\n%s", path, diff)
	}
}
