package e2e

import (
	"strings"
	"syscall"
	"testing"
)

// extraTenant has nothing to do.
const extraTenant = "- tenant: {name: extra, source: {local: {config-projects: [config-extra]}}}\n"

// The tenant file is edited while a gate holds a build; then the server is
// killed in the middle of a reconfiguration.
func TestTenantFileIsEditedWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	s := start(t, settings{tenants: acmeTenant + extraTenant})
	alpha, _ := s.acme(longOnce)
	n := alpha.change("Add one", files{"parts/one": "1\n"})
	s.awaitVerified(n, 1)
	s.approve(n)
	s.awaitBuild("acme", "gate", "alpha-test")
	running := s.builds("acme", "pipeline=gate&job_name=alpha-test")[0]
	lists := func(want bool) func() (bool, error) {
		return func() (bool, error) {
			var list []struct{ Name string }
			err := s.call(t.Context(), "", "GET", "/api/tenants", nil, &list)
			found := false
			for _, one := range list {
				found = found || one.Name == "extra"
			}
			return found == want, err
		}
	}
	s.write("tenants.yaml", acmeTenant)
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.await("the tenant is gone", lists(false))
	if now := s.builds("acme", "pipeline=gate&job_name=alpha-test"); len(now) != 1 || now[0].UUID != running.UUID || now[0].Result != nil {
		t.Errorf("builds %+v, before %+v", now, running)
	}
	s.write("tenants.yaml", acmeTenant+"- tenant: {nam: extra}\n")
	if out, err := s.gozer("smart-reconfigure"); err == nil || !strings.Contains(out, "tenants.yaml:") || !strings.Contains(out, "nothing was changed") {
		t.Errorf("a mistake in the file gives %v: %s", err, out)
	}
	s.write("tenants.yaml", acmeTenant+extraTenant)
	if out, err := s.gozer("smart-reconfigure"); err != nil || !strings.Contains(out, "added") {
		t.Errorf("the tenant comes back with %v: %s", err, out)
	}
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = s.gozer("full-reconfigure") // it may end with the server
	}()
	s.kill()
	<-asked
	if err := s.launch(); err != nil {
		t.Fatal(err)
	}
	s.await("both tenants are there", lists(true))
	s.awaitMerged(n)
	s.auditLanded("acme", "alpha")
}
