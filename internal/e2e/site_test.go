package e2e

import (
	"fmt"
	"strings"
)

// acmeTenant is a tenant file with one tenant of two projects.
const acmeTenant = `- tenant:
    name: acme
    source:
      local:
        config-projects: [{config: {load-branch: main}}]
        untrusted-projects: [alpha, beta]
`

// pipelines are what every tenant of the tests works with.
const pipelines = `- pipeline:
    name: check
    manager: independent
    trigger:
      local:
        - event: patchset-created
        - event: comment-added
          comment: (?i)^recheck\b
    success: {local: {Verified: 1}}
    failure: {local: {Verified: -1}}

- pipeline:
    name: gate
    manager: dependent
    precedence: high
    trigger:
      local:
        - event: comment-added
          approval: [{Workflow: 1}]
    require: {local: {open: true, current-patchset: true}}
    start: {local: {Verified: 0}}
    success: {local: {Verified: 2, submit: true}}
    failure: {local: {Verified: -2}}

- pipeline:
    name: post
    manager: independent
    precedence: low
    trigger:
      local:
        - event: ref-updated
          ref: ^refs/heads/main$

- job:
    name: base
    parent: null
    pre-run: playbooks/pre.sh
    timeout: 120

- queue: {name: shared}
`

// configFiles is a config project.
func configFiles() files {
	return files{"zuul.d/all.yaml": pipelines, "playbooks/pre.sh": "echo job $ZUUL_JOB in $ZUUL_PIPELINE\n"}
}

// projectFiles is a project whose job runs a script of its own.
func projectFiles(name, script string) files {
	return files{
		".zuul.yaml": jobs(name+"-test", name+"-test"),
		"ci/test.sh": "#!/bin/sh\n" + script + "\n",
	}
}

// jobs is a project's configuration: one job with the script ci/test.sh, and
// which jobs check and gate run.
func jobs(own string, run ...string) string {
	list := strings.Join(run, ", ")
	return fmt.Sprintf(`- job: {name: %s, run: ci/test.sh}
- project:
    queue: shared
    check: {jobs: [%s]}
    gate: {jobs: [%s]}
`, own, list, list)
}

// acme founds the projects of acmeTenant and waits until they count.
func (s *server) acme(script string) (alpha, beta *clone) {
	s.t.Helper()
	s.found("config", configFiles())
	alpha = s.found("alpha", projectFiles("alpha", script))
	beta = s.found("beta", projectFiles("beta", script))
	s.awaitJobs("acme", "alpha-test", "beta-test")
	return alpha, beta
}

// awaitJobs waits until a tenant's configuration has the jobs.
func (s *server) awaitJobs(tenant string, names ...string) {
	s.t.Helper()
	s.await(fmt.Sprintf("tenant %s has the jobs %v", tenant, names), func() (bool, error) {
		var list []struct {
			Name string `json:"name"`
		}
		if err := s.call(s.t.Context(), "", "GET", "/api/tenant/"+tenant+"/jobs", nil, &list); err != nil {
			return false, nil // the first configuration is still being loaded
		}
		have := map[string]bool{}
		for _, j := range list {
			have[j.Name] = true
		}
		for _, n := range names {
			if !have[n] {
				return false, nil
			}
		}
		return true, nil
	})
}
