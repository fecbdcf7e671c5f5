//go:build mutate

// Mutate breaks the rules of the core one at a time, in a copy, and shows that
// a scenario or a random history notices each. Run it from the module's root:
//
//	go run -tags mutate ./scheduler/schedtest/mutate
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	only := ""
	if len(os.Args) > 1 {
		only = os.Args[1]
	}
	survived := 0
	fmt.Printf("%-52s %s\n", "broken rule", "noticed by")
	for _, m := range slices.Concat(mutations, jobRules) {
		if !strings.Contains(m.rule, only) {
			continue
		}
		by, err := try(m)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", m.rule, err)
			os.Exit(2)
		}
		if by == "" {
			survived++
			by = "NOBODY"
		}
		fmt.Printf("%-52s %s\n", m.rule, by)
	}
	if survived > 0 {
		fmt.Printf("%d broken rules were not noticed\n", survived)
		os.Exit(1)
	}
}

// try runs the core's tests on a copy with one rule broken and returns the
// first that failed.
func try(m mutation) (string, error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(filepath.Join(dir, "scheduler"), os.DirFS("scheduler")); err != nil {
		return "", err
	}
	// The core and its tests need nothing but the standard library.
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module github.com/gozer-ci/gozer\n\ngo 1.26\n"), 0o644); err != nil {
		return "", err
	}
	if err := m.apply(filepath.Join(dir, "scheduler", m.file)); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"test", "./scheduler", "-run", "TestGating"},
		{"test", "./scheduler/schedtest", "-run", "TestRandomHistories", "-sim.histories", "900", "-timeout", "120s"},
	} {
		c := exec.Command("go", args...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err == nil {
			continue
		}
		if strings.Contains(string(out), "[build failed]") {
			return "", fmt.Errorf("the copy does not build:\n%s", out)
		}
		return witness(string(out)), nil
	}
	return "", nil
}

var (
	scenario = regexp.MustCompile(`FAIL: TestGating/([^ ]+)\.txtar`)
	promise  = regexp.MustCompile(`seed (\d+): ([^\n]{0,70})`)
	crash    = regexp.MustCompile(`panic: ([^\n]{0,60})`)
)

// witness names what failed: scenarios first, since they tell a story.
func witness(out string) string {
	if all := scenario.FindAllStringSubmatch(out, -1); len(all) > 0 {
		more := ""
		if len(all) > 1 {
			more = fmt.Sprintf(" and %d more", len(all)-1)
		}
		return "scenario " + all[0][1] + more
	}
	if m := crash.FindStringSubmatch(out); m != nil {
		return "panic " + m[1]
	}
	if m := promise.FindStringSubmatch(out); m != nil {
		return "history " + m[1] + ": " + m[2]
	}
	return "a test"
}

// apply replaces the text of a rule, which must be there exactly once.
func (m mutation) apply(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if n := strings.Count(string(data), m.old); n != 1 {
		return fmt.Errorf("%s has %q %d times, not once: the core changed, change the mutation with it", m.file, m.old, n)
	}
	return os.WriteFile(file, []byte(strings.Replace(string(data), m.old, m.new, 1)), 0o644)
}
