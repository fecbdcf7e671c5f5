package executor_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/scheduler"
)

// held says which builds are held.
type held map[scheduler.BuildID]bool

func (h held) ask(_ context.Context, tenant scheduler.TenantName, b scheduler.BuildID) bool {
	return tenant == "acme" && h[b]
}

func TestWorkspaceOfHeldBuildIsKept(t *testing.T) {
	t.Parallel()
	h := held{}
	b := setup(t, func(c *executor.Config) { c.Held = h.ask })
	keep := b.job(map[string]string{"run": "echo evidence > found.txt; chmod 0 .; exit 1"})
	other := b.job(map[string]string{"run": "exit 1"})
	passes := b.job(map[string]string{"run": "true"})
	h[keep.Start.Build], h[passes.Start.Build] = true, true
	for _, r := range []executor.Request{keep, other, passes} {
		b.run(r)
	}
	b.stop()
	kept := b.svc.Kept()
	if len(kept) != 1 || kept[0].Build != keep.Start.Build || kept[0].Tenant != "acme" {
		t.Fatalf("kept %+v", kept)
	}
	dir := filepath.Join(b.cfg.Dir, "held", string(keep.Start.Build))
	if _, err := os.Stat(filepath.Join(dir, "work")); err != nil {
		t.Error(err)
	}
	// Another life of the executor finds it.
	again, err := executor.New(b.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if kept := again.Kept(); len(kept) != 1 {
		t.Fatalf("after a restart %+v are kept", kept)
	}
	again.LetGo("../builds") // no name of a build
	again.LetGo(keep.Start.Build)
	again.LetGo(keep.Start.Build)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}
