package lint

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6}\s+(.*)$`)
	fence   = regexp.MustCompile("(?s)```.*?```")
)

func documents(t *testing.T) []string {
	t.Helper()
	names, err := walk(".md")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// links lists where a document points to, without its code blocks.
func links(t *testing.T, name string) []string {
	t.Helper()
	var out []string
	for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(read(t, name), ""), -1) {
		out = append(out, m[1])
	}
	return out
}

// TestLinks follows every link inside the repository, to headings too.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, name := range documents(t) {
		for _, to := range links(t, name) {
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			file, anchor, _ := strings.Cut(to, "#")
			target := path.Join(path.Dir(name), file)
			if file == "" {
				target = name
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
				t.Errorf("%s links to %s, which is not there", name, to)
				continue
			}
			if anchor != "" && strings.HasSuffix(target, ".md") && !slices.Contains(anchors(t, target), anchor) {
				t.Errorf("%s links to %s, but %s has no such heading", name, to, target)
			}
		}
	}
}

// anchors are the names that a renderer gives the headings of a document.
func anchors(t *testing.T, name string) []string {
	t.Helper()
	var out []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(read(t, name), ""), -1) {
		var b strings.Builder
		for _, r := range strings.ToLower(strings.TrimSpace(m[1])) {
			switch {
			case r == ' ':
				b.WriteByte('-')
			case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				b.WriteRune(r)
			}
		}
		out = append(out, b.String())
	}
	return out
}

// TestDocumentsAreFound makes sure that a reader who starts at the README
// comes across every page.
func TestDocumentsAreFound(t *testing.T) {
	t.Parallel()
	linked := map[string]bool{}
	for _, name := range []string{"README.md", "ARCHITECTURE.md", "docs/adr/README.md"} {
		for _, to := range links(t, name) {
			file, _, _ := strings.Cut(to, "#")
			linked[path.Join(path.Dir(name), file)] = true
		}
	}
	for _, name := range documents(t) {
		if strings.HasPrefix(name, "docs/") && !linked[name] {
			t.Errorf("neither README.md nor ARCHITECTURE.md nor the list of decisions links to %s", name)
		}
	}
}

// TestArchitectureIsShort keeps the map smaller than the country.
func TestArchitectureIsShort(t *testing.T) {
	t.Parallel()
	const most = 400
	if n := strings.Count(read(t, "ARCHITECTURE.md"), "\n"); n > most {
		t.Errorf("ARCHITECTURE.md has %d lines, more than %d", n, most)
	}
}

// TestArchitectureKnowsThePackages holds the code map to the code.
func TestArchitectureKnowsThePackages(t *testing.T) {
	t.Parallel()
	text := read(t, "ARCHITECTURE.md")
	for dir := range walls {
		if dir != "." && !strings.Contains(text, "`"+dir+"`") {
			t.Errorf("ARCHITECTURE.md says nothing of package %s", dir)
		}
	}
}

// TestDecisions holds the records of decisions to their form.
func TestDecisions(t *testing.T) {
	t.Parallel()
	for _, name := range documents(t) {
		base := path.Base(name)
		if path.Dir(name) != "docs/adr" || base == "README.md" {
			continue
		}
		if !regexp.MustCompile(`^\d{4}-[a-z0-9-]+\.md$`).MatchString(base) {
			t.Errorf("%s: a decision is named NNNN-title.md", name)
		}
		text := read(t, name)
		for _, part := range []string{"| Date |", "| Status |", "## Context", "## Decision", "## Consequences", "## Refused"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s has no %q", name, part)
			}
		}
	}
}

var (
	testName = regexp.MustCompile(`\b(?:Test|Benchmark)[A-Z]\w+`)
	codeName = regexp.MustCompile("`((?:cmd|demo|docs|executor|internal|scheduler|tenants|web)/[A-Za-z0-9_./*-]+)`")
)

// TestDocumentsNameWhatIs holds documents to tests and paths that exist. Code
// blocks and patterns with <...> are for people.
func TestDocumentsNameWhatIs(t *testing.T) {
	t.Parallel()
	for _, name := range documents(t) {
		text := fence.ReplaceAllString(read(t, name), "")
		for _, test := range testName.FindAllString(text, -1) {
			if !slices.ContainsFunc(all(t), func(f *source) bool { return strings.Contains(f.text, "func "+test) }) {
				t.Errorf("%s names %s, which is no test", name, test)
			}
		}
		for _, m := range codeName.FindAllStringSubmatch(text, -1) {
			found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(m[1])))
			if err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which is not there", name, m[1])
			}
		}
	}
}
