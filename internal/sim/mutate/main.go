// Mutate breaks the server in one place at a time and shows that the simulation
// notices, and after how many steps. The files stay as they are: the compiler is
// shown others in their place. Run it from the module's root, with a part of a
// line to break only such:
//
//	go run ./internal/sim/mutate [PART]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	only := ""
	if len(os.Args) > 1 {
		only = os.Args[1]
	}
	survived := 0
	for _, m := range breakages {
		if !strings.Contains(m.what, only) {
			continue
		}
		by, err := m.try()
		switch {
		case err != nil:
			survived++
			by = err.Error()
		case by == "":
			survived++
			by = "NOBODY"
		}
		fmt.Printf("%-62s %s\n", m.what, by)
	}
	if survived > 0 {
		fmt.Printf("%d breakages were not noticed\n", survived)
		os.Exit(1)
	}
}

// patience is how long a broken server may take: some never come to an end.
const patience = 10 * time.Minute

// try plays runs of a broken server and returns the first line of what noticed.
func (m breakage) try() (string, error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(dir)
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "sim")
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", program, "./internal/sim/cmd").CombinedOutput(); err != nil {
		return "", fmt.Errorf("the broken server does not build:\n%s", out)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "-seeds", "400", "-steps", "500", "-first").Output()
	if err == nil {
		return "", nil
	}
	if ctx.Err() != nil {
		return "it does not end", nil
	}
	return verdict(string(out)), nil
}

// verdict shortens what the simulation prints of the first failure.
func verdict(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	first := lines[0]
	if len(first) > 110 {
		first = first[:110]
	}
	for _, line := range lines {
		if strings.HasPrefix(line, "noticed after ") {
			return strings.TrimPrefix(line, "noticed after ") + ": " + first
		}
	}
	return first
}

// overlay writes the broken file and what tells the compiler of it.
func (m breakage) overlay(dir string) (string, error) {
	original, err := filepath.Abs(filepath.FromSlash(m.file))
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
	changed, list := filepath.Join(dir, "broken.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(changed, []byte(broken), 0o644); err != nil {
		return "", err
	}
	spec, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", err
	}
	return list, os.WriteFile(list, spec, 0o644)
}

// apply replaces the text that is broken.
func (m breakage) apply(text string) (string, error) {
	if n := strings.Count(text, m.old); n != 1 {
		return "", fmt.Errorf("%s has %q %d times, not once: change the breakage with the file", m.file, m.old, n)
	}
	return strings.Replace(text, m.old, m.new, 1), nil
}
