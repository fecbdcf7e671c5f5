package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the path of the module; root is its directory.
const (
	module = "github.com/gozer-ci/gozer"
	root   = "../.."
)

// source is one Go file of the module.
type source struct {
	path string // from the root, with slashes
	dir  string // of the package; empty at the root
	ast  *ast.File
	text string
}

func (s *source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s *source) generated() bool { return ast.IsGenerated(s.ast) }

// imports lists what the file imports; packages of the module without its
// path, its root package as ".".
func (s *source) imports() []string {
	var out []string
	for _, spec := range s.ast.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has refused it
		}
		if name == module {
			name = "."
		}
		out = append(out, strings.TrimPrefix(name, module+"/"))
	}
	return out
}

// fileSet has the positions of all sources.
var fileSet = token.NewFileSet()

// sources parses every Go file of the module once.
var sources = sync.OnceValues(func() ([]*source, error) {
	names, err := walk(".go")
	if err != nil {
		return nil, err
	}
	out := make([]*source, len(names))
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { out[i], errs[i] = parse(name) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
})

func parse(name string) (*source, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(fileSet, name, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	dir := path.Dir(name)
	if dir == "." {
		dir = ""
	}
	return &source{path: name, dir: dir, ast: file, text: string(text)}, nil
}

// skipped are directories that hold no sources of the project.
var skipped = []string{"bin", "testdata", "demo-data", "gozer-data", "node_modules"}

// walk lists the files with one of the extensions, from the root, in order.
func walk(extensions ...string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(filepath.ToSlash(name), root+"/")
		base := d.Name()
		if d.IsDir() && name != root && (slices.Contains(skipped, base) || strings.HasPrefix(base, ".") && base != ".ci") {
			return filepath.SkipDir
		}
		if !d.IsDir() && slices.Contains(extensions, path.Ext(base)) {
			out = append(out, name)
		}
		return nil
	})
	return out, err
}

// code returns the files that are compiled into programs.
func code(t *testing.T) []*source {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(all(t)), (*source).test)
}

func all(t *testing.T) []*source {
	t.Helper()
	files, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("found %d Go files only: the tree is not where this test looks", len(files))
	}
	return files
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
