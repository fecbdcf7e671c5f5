package lint

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	target    = regexp.MustCompile(`(?m)^([a-z0-9-]+):(.*)$`)
	named     = regexp.MustCompile(`\bmake ([a-z0-9]+)\b`)
	goPackage = regexp.MustCompile(`\./((?:cmd|demo|executor|internal|scheduler|tenants|web)[a-z0-9/]*)`)
)

// internals are targets that others need and nobody calls.
var internals = []string{"packages", "test-packages"}

func TestMakefile(t *testing.T) {
	t.Parallel()
	text := read(t, "Makefile")
	phony := text[strings.Index(text, ".PHONY:"):]
	phony, _, _ = strings.Cut(phony, "\n")
	for _, m := range target.FindAllStringSubmatch(text, -1) {
		name, rest := m[1], m[2]
		if !strings.Contains(rest, "## ") && !slices.Contains(internals, name) {
			t.Errorf("Makefile: target %s has no ## sentence for make help", name)
		}
		if !slices.Contains(strings.Fields(phony), name) {
			t.Errorf("Makefile: target %s is not in .PHONY", name)
		}
	}
	for _, m := range goPackage.FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(filepath.Join(root, strings.Trim(m[1], "/."))); err != nil {
			t.Errorf("Makefile names package %s, which is not there", m[1])
		}
	}
}

// TestDocumentsNameTargets keeps documents from naming targets that are gone.
func TestDocumentsNameTargets(t *testing.T) {
	t.Parallel()
	var targets []string
	for _, m := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets = append(targets, m[1])
	}
	for _, name := range documents(t) {
		text := read(t, name)
		for _, span := range regexp.MustCompile("(?s)```.*?```|`[^`\n]+`").FindAllString(text, -1) {
			for _, m := range named.FindAllStringSubmatch(span, -1) {
				if !slices.Contains(targets, m[1]) {
					t.Errorf("%s names make %s, which is no target", name, m[1])
				}
			}
		}
	}
}
