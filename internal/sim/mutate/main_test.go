package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestBreakages holds the list to the code as it is.
func TestBreakages(t *testing.T) {
	t.Parallel()
	for _, m := range breakages {
		data, err := os.ReadFile(filepath.Join("../../..", m.file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.apply(string(data)); err != nil {
			t.Errorf("%s: %v", m.what, err)
		}
	}
}
