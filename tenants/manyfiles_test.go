package tenants

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestManyFiles gives a branch ten thousand files: some are read, and the rest
// is told.
func TestManyFiles(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 10_000 {
		files[fmt.Sprintf("local/org/app@master/zuul.d/%05d.yaml", i)] = fmt.Sprintf("- job: {name: j%d, run: a.sh}\n", i)
	}
	w := testWorld(t, files)
	start := time.Now()
	l, problems := w.tenant(t).Load(w.live)
	if len(problems.Errors()) != 1 || problems.Errors()[0].Code != CodeFileTooLarge || problems.Errors()[0].Path != "zuul.d/01000.yaml" {
		t.Errorf("got %s", problems.Errors())
	}
	if n := len(l.Jobs()); n != maxBranchFiles+2 {
		t.Errorf("%d jobs, want those of %d files, base and noop", n, maxBranchFiles)
	}
	if took := time.Since(start); took > 10*time.Second*slowdown {
		t.Errorf("took %v", took)
	}
}

// TestWideFile loads a file of a config-project as large installations have.
func TestWideFile(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(defaultConfig)
	for i := range 20_000 {
		fmt.Fprintf(&text, "- job:\n    name: job-%d # nothing\n    description: Runs the tests of number %d.\n    files: [^src/%d/.*$]\n", i, i, i)
	}
	w := testWorld(t, map[string]string{"local/config@master/zuul.d/jobs.yaml": text.String()})
	l := w.load(t)
	if n := len(l.Jobs()); n != 20_002 {
		t.Errorf("%d jobs of a file of %d bytes", n, text.Len())
	}
}
