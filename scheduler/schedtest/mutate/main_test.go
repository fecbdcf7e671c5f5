package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRulesAreThere holds the list to the core as it is: a rule that was
// rewritten must be broken in another way.
func TestRulesAreThere(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range all() {
		if seen[m.rule] {
			t.Errorf("rule %q is there twice", m.rule)
		}
		seen[m.rule] = true
		data, err := os.ReadFile(filepath.Join("..", "..", m.file))
		if err != nil {
			t.Fatal(err)
		}
		if broken, err := m.apply(string(data)); err != nil {
			t.Errorf("%s: %v", m.rule, err)
		} else if broken == string(data) {
			t.Errorf("rule %q is not broken by its mutation", m.rule)
		}
	}
}
