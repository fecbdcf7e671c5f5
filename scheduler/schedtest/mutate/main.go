// Mutate breaks the rules of the core, and those by which its jobs are frozen,
// one at a time and shows that a scenario or a random history notices each. The
// files stay as they are: the compiler is shown others in their place. Run it from the module's root, with
// a part of a rule's name to break only such rules:
//
//	go run ./scheduler/schedtest/mutate [PART]
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// mutation is one rule and how it is broken: new stands in file, seen from the
// core's directory, in the place of old, which must be there exactly once.
type mutation struct {
	rule, file, old, new string
}

// all lists the rules by topic.
func all() []mutation {
	return slices.Concat(mutations, configRules, jobRules, cycleRules, resourceRules)
}

func main() {
	only := ""
	if len(os.Args) > 1 {
		only = os.Args[1]
	}
	var rules []mutation
	for _, m := range all() {
		if strings.Contains(m.rule, only) {
			rules = append(rules, m)
		}
	}
	survived := 0
	fmt.Printf("%-58s %s\n", "broken rule", "noticed by")
	for i, noticed := range tryAll(rules) {
		by := <-noticed
		if by.err != nil {
			by.what = by.err.Error()
		} else if by.what == "" {
			by.what = "NOBODY"
		}
		if by.err != nil || by.what == "NOBODY" {
			survived++
		}
		fmt.Printf("%-58s %s\n", rules[i].rule, by.what)
	}
	if survived > 0 {
		fmt.Printf("%d broken rules were not noticed\n", survived)
		os.Exit(1)
	}
}

// verdict is what noticed a broken rule; nothing when nobody did.
type verdict struct {
	what string
	err  error
}

// tryAll tries the rules on all processors and returns where each verdict comes.
func tryAll(rules []mutation) []chan verdict {
	out := make([]chan verdict, len(rules))
	free := make(chan struct{}, runtime.NumCPU())
	for i := range rules {
		out[i] = make(chan verdict, 1)
	}
	go func() {
		for i, m := range rules {
			free <- struct{}{}
			go func() {
				what, err := try(m)
				out[i] <- verdict{what, err}
				<-free
			}()
		}
	}()
	return out
}

// try runs the core's tests with one rule broken and returns what noticed it.
func try(m mutation) (string, error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(dir)
	if err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"./scheduler", "-run", "TestGating"},
		{"./scheduler/schedtest", "-run", "TestRandomHistories", "-sim.histories", "4000", "-timeout", "300s"},
	} {
		out, err := exec.Command("go", append([]string{"test", "-vet=off", "-overlay", overlay}, args...)...).CombinedOutput()
		if err == nil {
			continue
		}
		if strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]") {
			return "", fmt.Errorf("the broken core does not build:\n%s", out)
		}
		return witness(string(out)), nil
	}
	return "", nil
}

// overlay writes the broken file and what tells the compiler of it.
func (m mutation) overlay(dir string) (string, error) {
	original, err := filepath.Abs(filepath.Join("scheduler", m.file))
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	broken, err := m.apply(string(data))
	if err != nil {
		return "", err
	}
	changed, list := filepath.Join(dir, filepath.Base(m.file)), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(changed, []byte(broken), 0o644); err != nil {
		return "", err
	}
	spec, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", err
	}
	return list, os.WriteFile(list, spec, 0o644)
}

// apply replaces the text of the rule.
func (m mutation) apply(text string) (string, error) {
	if n := strings.Count(text, m.old); n != 1 {
		return "", fmt.Errorf("%s has %q %d times, not once: the core changed, change the mutation with it", m.file, m.old, n)
	}
	return strings.Replace(text, m.old, m.new, 1), nil
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
