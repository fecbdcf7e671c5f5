package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// scenarios is how many the specification of Zuul's semantics has.
const scenarios = 74

var (
	scenarioRow  = regexp.MustCompile(`(?m)^\| (\d+) \|.*\|$`)
	scenarioName = regexp.MustCompile("`(\\d\\d-[a-z0-9-]+)`")
	coreFile     = regexp.MustCompile("`([a-z_]+\\.go)`")
)

// TestSemanticsAreShown holds docs/semantics.md to the scenarios: each has a row
// and a file, each file with a number is in its row, and every other file is
// named on the page for the rule that it shows.
func TestSemanticsAreShown(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/semantics.md")
	rows := map[string]string{} // by number
	for _, m := range scenarioRow.FindAllStringSubmatch(page, -1) {
		rows[fmt.Sprintf("%02s", m[1])] = m[0]
	}
	files := scenarioFiles(t)
	for n := 1; n <= scenarios; n++ {
		number := fmt.Sprintf("%02d", n)
		if rows[number] == "" {
			t.Errorf("docs/semantics.md has no row for scenario %d", n)
		}
		if !slices.ContainsFunc(files, func(f string) bool { return strings.HasPrefix(f, number+"-") }) {
			t.Errorf("scheduler/testdata/gating has no file for scenario %d", n)
		}
	}
	for _, f := range files {
		where := page
		if row, numbered := rows[f[:2]]; numbered {
			where = row
		}
		if !strings.Contains(where, "`"+f+"`") {
			t.Errorf("docs/semantics.md does not say what scenario %s shows", f)
		}
	}
	for _, m := range scenarioName.FindAllStringSubmatch(page, -1) {
		if !slices.Contains(files, m[1]) {
			t.Errorf("docs/semantics.md names scenario %s, which is not there", m[1])
		}
	}
	for _, m := range coreFile.FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join(root, "scheduler", m[1])); err != nil {
			t.Errorf("docs/semantics.md names %s, which is not in the core", m[1])
		}
	}
}

// scenarioFiles lists the scenarios of the core without their endings.
func scenarioFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "scheduler", "testdata", "gating", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".txtar")
	}
	return files
}
