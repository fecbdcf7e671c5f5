package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestRun loads a small directory laid out as a corpus is.
func TestRun(t *testing.T) {
	t.Parallel()
	a, err := txtar.ParseFile("testdata/small.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir, files := t.TempDir(), map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
		at := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, verbose := range map[string]bool{"want.txt": false, "want-verbose.txt": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			good, err := run(t.Context(), &out, dir, files["expected.txt"], verbose)
			if good || err != nil {
				t.Errorf("good %t, %v", good, err)
			}
			if diff := cmp.Diff(files[name], out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRunNothing(t *testing.T) {
	t.Parallel()
	if _, err := run(t.Context(), &bytes.Buffer{}, t.TempDir(), "", false); err == nil {
		t.Error("a directory without fixtures is no error")
	}
}

// TestExpectations reads the list of the project, and refuses broken ones.
func TestExpectations(t *testing.T) {
	t.Parallel()
	list, err := readExpectations(expectedText)
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range list {
		if e.why == "" {
			t.Errorf("%s: no reason", name)
		}
	}
	for _, bad := range []string{"why not\n", "fixture a\nfixture a\n", "fixture\n", "fixture a\nconnections b\n", "fixture a\nin b\n", "fixture a\nhow\n"} {
		if _, err := readExpectations(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
