package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// manyTenants has two tenants that share a project, one whose configuration
// is broken, and one whose entry is.
const manyTenants = `- tenant:
    name: one
    source:
      local:
        config-projects: [{config: {load-branch: main}}]
        untrusted-projects: [alpha, shared]
- tenant:
    name: two
    source:
      local:
        config-projects: [{config-two: {load-branch: main}}]
        untrusted-projects: [shared]
- tenant:
    name: broken
    source:
      local:
        config-projects: [{config-broken: {load-branch: main}}]
        untrusted-projects: [gamma]
- tenant:
    name: wrong
    sources:
      local: {config-projects: [config]}
`

// checkOnly is a configuration whose check pipeline comments and does not vote.
const checkOnly = `- pipeline:
    name: check-two
    manager: independent
    trigger: {local: [{event: patchset-created}]}
    success: {local: {comment: true}}
    failure: {local: {comment: true}}
- job: {name: base, parent: null}
- job: {name: two-test, run: playbooks/two.sh}
- project:
    name: shared
    check-two: {jobs: [two-test]}
`

func TestTenantsDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	s := start(t, settings{tenants: manyTenants, tolerated: []string{`msg="tenant file".*tenants.yaml:\d+:\d+`}})
	if log := s.tail(); !strings.Contains(log, `tenants.yaml:21:5: error: tenant has no attribute`) {
		t.Errorf("the wrong tenant is told as\n%s", log)
	}
	s.found("config", configFiles())
	s.found("config-two", files{"zuul.yaml": checkOnly, "playbooks/two.sh": "echo two\n"})
	s.found("config-broken", files{"zuul.d/a.yaml": pipelines, "zuul.d/b.yaml": "- pipeline:\n    nam: [\n", "playbooks/pre.sh": "true\n"})
	s.found("alpha", projectFiles("alpha", "true"))
	s.found("gamma", projectFiles("gamma", "true"))
	s.found("shared", files{"README": "used by many\n"}).change("Add a job", files{
		".zuul.yaml": "- job: {name: shared-test, run: ci/test.sh}\n- project:\n    check: {jobs: [shared-test]}\n    gate: {jobs: [shared-test]}\n",
		"ci/test.sh": "#!/bin/sh\necho one\n",
	})
	s.awaitJobs("one", "alpha-test")
	s.awaitJobs("two", "two-test")

	t.Run("both test the shared project", func(t *testing.T) {
		s := s.in(t)
		shared := s.clone(s.admin, "shared")
		n := shared.change("Add more", files{"more": "more\n", ".zuul.yaml": "- job: {name: shared-test, run: ci/test.sh}\n- project:\n    check: {jobs: [shared-test]}\n    gate: {jobs: [shared-test]}\n", "ci/test.sh": "#!/bin/sh\necho one\n"})
		s.awaitVerified(n, 1)
		s.await("tenant two tested it too", func() (bool, error) {
			var list []buildDoc
			err := s.call(t.Context(), "", "GET", fmt.Sprintf("/api/tenant/two/builds?change=%d&result=SUCCESS", n), nil, &list)
			return len(list) == 1 && list[0].Job == "two-test", err
		})
		s.approve(n)
		s.awaitMerged(n)
		if list := s.builds("one", fmt.Sprintf("change=%d&job_name=two-test", n)); len(list) != 0 {
			t.Errorf("tenant one shows builds of tenant two: %+v", list)
		}
		s.auditLanded("one", "shared")
	})
	t.Run("the broken one works as far as it can", func(t *testing.T) {
		s := s.in(t)
		problems := s.configErrors("broken")
		if !slices.ContainsFunc(problems, func(p string) bool {
			return strings.Contains(p, "zuul.d/b.yaml:") && strings.Contains(p, "[yaml-syntax]")
		}) {
			t.Errorf("the broken file is told as %q", problems)
		}
		gamma := s.clone(s.admin, "gamma")
		n := gamma.change("Go on", files{"parts/one": "1\n"})
		s.approve(n)
		s.awaitMerged(n)
	})
	t.Run("the wrong one is not there", func(t *testing.T) {
		s := s.in(t)
		err := s.call(t.Context(), "", "GET", "/api/tenant/wrong/status", nil, nil)
		if r, ok := err.(*refusal); !ok || r.status != 404 { //nolint:errorlint // call returns it unwrapped
			t.Errorf("its status: %v", err)
		}
	})
}
