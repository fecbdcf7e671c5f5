package tenants

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/scheduler"
)

// TestLeftJobs says of each job that does not run why.
func TestLeftJobs(t *testing.T) {
	t.Parallel()
	l := testWorld(t, map[string]string{"local/org/app@master/zuul.yaml": filesApp + `
- job: {name: old, run: a.sh, branches: [stable/]}
- project:
    check: {jobs: [old]}
`}).load(t)
	frozen, err := l.Freeze("check", app("master", "doc/a.md"), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []scheduler.LeftJob{
		{Job: "old", Why: "none of its variants matches master"},
		{Job: "build", Why: "no file that it looks at is changed"},
		{Job: "test", Why: "no file that it looks at is changed"},
	}
	if diff := cmp.Diff(want, frozen.Left); diff != "" {
		t.Error(diff)
	}
}
