package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// pairJobs is the configuration of one of two projects that are tested side by
// side: whoever wants the other's part needs it in the workspace.
func pairJobs(own, other string) files {
	return files{
		".zuul.yaml": fmt.Sprintf(`- job: {name: %[1]s-test, run: ci/test.sh, required-projects: [%[2]s]}
- project:
    queue: pair
    check: {jobs: [%[1]s-test]}
    gate: {jobs: [%[1]s-test]}
`, own, other),
		"ci/test.sh": fmt.Sprintf("#!/bin/sh\n[ ! -e want ] || [ -e ../%s/have ] || { echo the other half is missing; exit 1; }\necho $ZUUL_CHANGE\n", other),
	}
}

// TestChangesThatNeedEachOther takes a change of two projects, neither half of
// which passes alone, from the push to the branches.
func TestChangesThatNeedEachOther(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	all := strings.Replace(pipelines, "- queue: {name: shared}", "- queue: {name: pair, allow-circular-dependencies: true}", 1)
	s.found("config", files{"zuul.d/all.yaml": all, "playbooks/pre.sh": "true\n"})
	s.found("alpha", pairJobs("alpha", "beta"))
	s.found("beta", pairJobs("beta", "alpha"))
	s.awaitJobs("acme", "alpha-test", "beta-test")
	ada := s.person("ada")
	alpha, beta := s.clone(ada, "alpha"), s.clone(ada, "beta")

	half := files{"want": "w\n", "have": "h\n"}
	first := alpha.change("Change both halves\n\nChange-Id: I00000000000000aa", half)
	s.awaitVerified(first, -1) // alone it can't work
	second := beta.change(fmt.Sprintf("The other half\n\nDepends-On: %s/change/%d", s.url, first), half)
	s.awaitVerified(second, 1) // it brings the first half along

	alpha.git("commit", "-q", "--amend", "-m", fmt.Sprintf("Change both halves\n\nDepends-On: %s/change/%d\n\nChange-Id: I00000000000000aa", s.url, second))
	if again := alpha.propose(); again != first {
		t.Fatalf("the new patchset became change %d, not %d", again, first)
	}
	s.awaitVerified(first, 1)

	s.approve(first) // its other half lacks approval: nothing happens
	if items, err := s.items(t.Context(), "acme", "gate"); err != nil || len(items) != 0 {
		t.Errorf("half a cycle is in the gate: %+v, %v", items, err)
	}
	s.approve(second)
	s.awaitMerged(first)
	s.awaitMerged(second)
	s.auditLanded("acme", "alpha", "beta")
	seen := map[string]string{}
	for _, b := range s.builds("acme", "pipeline=gate&result=SUCCESS") {
		if b.Ref.Change != nil && (*b.Ref.Change == first || *b.Ref.Change == second) {
			seen[fmt.Sprint(*b.Ref.Change, " ", b.Job)] = b.Buildset.UUID
		}
	}
	own, other := seen[fmt.Sprint(first, " alpha-test")], seen[fmt.Sprint(second, " beta-test")]
	if own == "" || own != other || len(seen) != 2 {
		t.Errorf("builds in the gate by change: %v", seen)
	}
}
