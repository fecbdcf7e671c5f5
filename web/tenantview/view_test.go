package tenantview_test

import (
	"errors"
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
	"github.com/gozer-ci/gozer/web"
	"github.com/gozer-ci/gozer/web/tenantview"
)

const tenantFile = `
- tenant:
    name: acme
    source:
      local:
        config-projects: [{config: {load-branch: main}}]
        untrusted-projects: [org/app]
      second:
        untrusted-projects: [org/app]
`

const configFile = `
- nodeset: {name: one, nodes: [{name: [node, alias], label: debian}], groups: [{name: all, nodes: [node]}]}
- nodeset: {name: two, alternatives: [one, {nodes: [{name: big, label: large}]}]}
- job: {name: base, parent: null, attempts: 2, run: play.sh, deduplicate: false}
- job: {name: choice, nodeset: two, voting: false, override-checkout: stable, branches: [main, stable]}
- job: {name: wrong, colour: red}
`

func setup(t *testing.T) web.Layout {
	t.Helper()
	list, problems := tenants.ParseTenants("tenants.yaml", []byte(tenantFile), tenants.Connections{
		"local": {Driver: "local"}, "second": {Driver: "local"},
	})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	layout, _ := list[0].Load([]tenants.ProjectBranch{ // one job is wrong on purpose
		{Project: "local/config", Branch: "main", Files: []tenants.File{{Path: "zuul.yaml", Data: []byte(configFile)}}},
		{Project: "local/org/app", Branch: "main"}, {Project: "second/org/app", Branch: "main"},
	})
	return tenantview.New(layout)
}

func TestAmbiguousProject(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for name, code := range map[string]string{"org/app": "conflict", "nothing": "not_found", "second/org/app": "", "config": ""} {
		_, err := l.Project(name)
		got := ""
		if r, ok := errors.AsType[*scheduler.Rejection](err); ok {
			got = r.Code
		}
		if got != code {
			t.Errorf("%s: got %v, want code %q", name, err, code)
		}
	}
}

func TestVariant(t *testing.T) {
	t.Parallel()
	l := setup(t)
	base := l.Job("base")[0]
	if base.Parent != nil || base.Attempts != 2 || base.Deduplicate != false || len(base.Run) != 1 || base.Run[0].Path != "play.sh" {
		t.Errorf("got %+v", base)
	}
	choice := l.Job("choice")[0]
	if *choice.Parent != "base" || choice.Voting || *choice.OverrideCheckout != "stable" || choice.VariantDescription != "main stable" {
		t.Errorf("got %+v", choice)
	}
	if choice.Nodeset != nil || len(choice.NodesetAlternatives) != 2 {
		t.Fatalf("got %+v and %+v", choice.Nodeset, choice.NodesetAlternatives)
	}
	if one := choice.NodesetAlternatives[0]; one.Nodes[0].Name != "node" || one.Nodes[0].Aliases[0] != "alias" || one.Groups[0].Name != "all" {
		t.Errorf("got %+v", one)
	}
	if len(l.Job("nothing")) != 0 {
		t.Error("an unknown job has variants")
	}
}

func TestConfigErrorsNameProjectsShortly(t *testing.T) {
	t.Parallel()
	for _, e := range setup(t).ConfigErrors() {
		if e.Severity == "error" && e.Project == "config" && e.Path == "zuul.yaml" && e.Branch == "main" && e.Name != "" {
			return
		}
	}
	t.Errorf("got %+v", setup(t).ConfigErrors())
}
