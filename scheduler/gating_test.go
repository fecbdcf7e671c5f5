package scheduler_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

var update = flag.Bool("update", false, "rewrite the sections that scenarios compare with")

// TestGating plays every scenario of testdata/gating. A scenario ends with the
// promises of Check, with the log folding to the live state, with its snapshot
// restoring to it, and with empty queues.
func TestGating(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/gating/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out, err := schedtest.PlayScenario(data, *update)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if *update {
				err = os.WriteFile(file, out, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
