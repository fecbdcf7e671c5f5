package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// holding is a job script that waits while a part named hold is in the change.
const holding = `while [ -e hold ]; do sleep 0.05; done
if grep -qs fail parts/*; then echo broken; exit 1; fi
ls parts`

func TestLifeOfChanges(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	alpha, beta := s.acme(holding)
	ada := s.person("ada")
	alpha, beta = s.clone(ada, "alpha"), s.clone(ada, "beta")
	t.Run("good and bad", func(t *testing.T) {
		s, alpha := s.in(t), alpha.in(t)
		good := alpha.change("Add one", files{"parts/one": "1\n"})
		bad := alpha.change("Add a fault", files{"parts/two": "fail\n"})
		s.awaitVerified(good, 1)
		s.awaitVerified(bad, -1)
		s.approve(good)
		s.approve(bad)
		s.awaitMerged(good)
		if c := s.awaitVerified(bad, -2); c.Status != "open" {
			t.Errorf("the bad change is %s", c.Status)
		}
	})
	t.Run("depends-on across projects", func(t *testing.T) {
		s, alpha, beta := s.in(t), alpha.in(t), beta.in(t)
		first := alpha.change("Add the needed", files{"parts/needed": "n\n"})
		second := beta.change(fmt.Sprintf("Use the needed\n\nDepends-On: %s/change/%d", s.url, first), files{"parts/user": "u\n"})
		s.approve(second) // waits outside of the gate: what it needs is not approved
		s.approve(first)
		s.awaitMerged(first)
		s.awaitMerged(second)
	})
	t.Run("new patchset while gating", func(t *testing.T) {
		s, alpha := s.in(t), alpha.in(t)
		n := alpha.change("Rewrite this\n\nChange-Id: I0123456789abcdef", files{"hold": "x\n"})
		s.approve(n)
		s.awaitBuild("acme", "gate", "alpha-test")
		alpha.git("rm", "-q", "hold")
		alpha.commitAmend(files{"parts/rewritten": "r\n"})
		if again := alpha.propose(); again != n {
			t.Fatalf("the new patchset became change %d, not %d", again, n)
		}
		c := s.awaitVerified(n, 1)
		if c.Patchset != 2 || c.vote("Workflow", "rosa") != 0 {
			t.Errorf("patchset %d keeps the approval of another: %v", c.Patchset, c.Votes)
		}
		s.approve(n)
		s.awaitMerged(n)
	})
	t.Run("abandon while gating", func(t *testing.T) {
		s, alpha := s.in(t), alpha.in(t)
		n := alpha.change("Given up", files{"hold": "x\n"})
		s.approve(n)
		s.awaitBuild("acme", "gate", "alpha-test")
		s.post(s.admin, changePath(n)+"/abandon", map[string]string{})
		s.await("the gate is empty", func() (bool, error) {
			items, err := s.items(t.Context(), "acme", "gate", "check")
			return len(items) == 0, err
		})
	})
	t.Run("merge conflict", func(t *testing.T) {
		s, alpha := s.in(t), alpha.in(t)
		left := alpha.change("Left", files{"same": "left\n"})
		alpha.git("checkout", "-q", "--detach", "origin/main")
		alpha.commit("Right", files{"same": "right\n"})
		right := alpha.propose()
		s.awaitVerified(right, 1) // else check might vote after the gate has
		s.approve(left)
		s.approve(right)
		s.awaitMerged(left)
		c := s.awaitVerified(right, -2)
		if all := strings.Join(c.said(), "\n"); !strings.Contains(all, "Merge Failed") || !strings.Contains(all, "same") {
			t.Errorf("the conflict is told as %q", c.said())
		}
	})
	t.Run("in-repo job used speculatively", func(t *testing.T) {
		s, beta := s.in(t), beta.in(t)
		n := beta.change("Add a job", files{
			".zuul.yaml": jobs("beta-test", "beta-test", "beta-new") + "- job: {name: beta-new, run: ci/new.sh}\n",
			"ci/new.sh":  "#!/bin/sh\necho brand new\n",
		})
		s.awaitVerified(n, 1)
		builds := s.builds("acme", fmt.Sprintf("job_name=beta-new&change=%d", n))
		if len(builds) != 1 || !strings.Contains(s.console(builds[0].UUID), "brand new") {
			t.Fatalf("the new job's builds: %+v", builds)
		}
		s.approve(n)
		s.awaitMerged(n)
		s.awaitJobs("acme", "beta-new")
	})
	t.Run("what merged is what was tested", func(t *testing.T) {
		s.in(t).auditLanded("acme", "alpha", "beta")
	})
}
