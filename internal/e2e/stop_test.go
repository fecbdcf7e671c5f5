package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// longOnce is a job script whose first attempt lasts until it is killed.
const longOnce = `if [ "$ZUUL_ATTEMPTS" = 1 ] && [ "$ZUUL_PIPELINE" = gate ]; then
  echo holding
  sleep 300 & wait
fi
echo passed`

func TestStopAndGoOn(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	alpha, beta := s.acme(longOnce)
	first := alpha.change("Add one", files{"parts/one": "1\n"})
	second := beta.change(fmt.Sprintf("Add two\n\nDepends-On: %s/change/%d", s.url, first), files{"parts/two": "2\n"})
	s.awaitVerified(first, 1)
	s.awaitVerified(second, 1)
	s.approve(first)
	s.approve(second)
	s.awaitBuild("acme", "gate", "alpha-test")
	s.awaitBuild("acme", "gate", "beta-test")
	took, err := s.stop()
	if err != nil {
		t.Fatal(err)
	}
	if took > 5*time.Second {
		t.Errorf("the server took %s to stop while builds ran", took)
	}
	s.leftovers()
	s.verifyLog()
	if err := s.launch(); err != nil {
		t.Fatal(err)
	}
	s.awaitMerged(first)
	s.awaitMerged(second)
	for _, job := range []string{"alpha-test", "beta-test"} {
		if got := s.builds("acme", "pipeline=gate&job_name="+job); len(got) != 2 || text(got[0].Result) != "SUCCESS" || *got[0].Final == *got[1].Final {
			t.Errorf("builds of %s: %+v", job, got)
		}
	}
	s.auditLanded("acme", "alpha", "beta")
}

func TestOneServerOfADataDirectory(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	began := time.Now()
	out, err := s.gozer("serve", "--listen", "127.0.0.1:0")
	if err == nil || !strings.Contains(out, "in use by another gozer") || !strings.Contains(out, fmt.Sprint(s.cmd.Process.Pid)) || !strings.Contains(out, "--data") {
		t.Errorf("a second server said %v: %s", err, out)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("a second server took %s to say so", took)
	}
	if out, err := s.gozer("admin", "verify-log"); err != nil {
		t.Errorf("verify-log beside a server said %v: %s", err, out)
	}
	if out, err := s.gozer("serve", "--data", s.path("other"), "--listen", s.listen); err == nil || !strings.Contains(out, "--listen") {
		t.Errorf("a server at the same address said %v: %s", err, out)
	}
	s.get("/readyz", nil) // the first one does not mind
}

func TestServersSideBySide(t *testing.T) {
	t.Parallel()
	one, two := start(t, settings{}), start(t, settings{})
	alphaOne, _ := one.acme("true")
	alphaTwo, _ := two.acme("true")
	first := alphaOne.change("Add one", files{"parts/one": "1\n"})
	second := alphaTwo.change("Add two", files{"parts/two": "2\n"})
	one.approve(first)
	two.approve(second)
	one.awaitMerged(first)
	two.awaitMerged(second)
	err := two.call(t.Context(), one.admin.token, "POST", changePath(second)+"/comment", map[string]string{"message": "hello"}, nil)
	if r, ok := err.(*refusal); !ok || r.status != 401 { //nolint:errorlint // call returns it unwrapped
		t.Errorf("a token of the other server: %v", err)
	}
}
