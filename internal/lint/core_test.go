package lint

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// pure are the packages of the standard library that the core may import:
// none of them knows a clock, a disk, a network or chance.
var pure = []string{
	"bytes", "cmp", "container/heap", "crypto/sha256", "encoding/binary", "encoding/hex", "encoding/json", "errors",
	"fmt", "iter", "maps", "math", "math/bits", "reflect", "regexp", "slices", "sort", "strconv", "strings", "time",
	"unicode", "unicode/utf8",
}

// clock are the functions of package time that ask the machine.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "LoadLocation"}

func TestCoreIsPure(t *testing.T) {
	t.Parallel()
	for _, f := range code(t) {
		if f.dir != "scheduler" {
			continue
		}
		for _, name := range f.imports() {
			if !slices.Contains(pure, name) {
				t.Errorf("%s imports %s: the core imports only %s", f.path, name, strings.Join(pure, " "))
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			inspectPurity(t, f, n)
			return true
		})
	}
}

func inspectPurity(t *testing.T, f *source, n ast.Node) {
	at := func() any { return fileSet.Position(n.Pos()) }
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, n.Sel.Name) {
			t.Errorf("%v: time.%s in the core: time comes in Meta", at(), n.Sel.Name)
		}
	case *ast.GoStmt:
		t.Errorf("%v: a goroutine in the core", at())
	case *ast.ChanType, *ast.SendStmt, *ast.SelectStmt:
		t.Errorf("%v: a channel in the core", at())
	case *ast.Field:
		for _, name := range n.Names {
			if x, ok := n.Type.(*ast.SelectorExpr); ok && x.Sel.Name == "Context" {
				t.Errorf("%v: %s is a context in the core", at(), name.Name)
			}
		}
	}
}

// TestLanguageIsPure keeps files, clocks and networks out of the configuration
// language: layouts are functions of the files that they are given.
func TestLanguageIsPure(t *testing.T) {
	t.Parallel()
	for _, f := range code(t) {
		if f.dir != "tenants" {
			continue
		}
		for _, name := range f.imports() {
			for _, bad := range []string{"os", "net", "context", "log", "math/rand", "io/fs", "path/filepath"} {
				if name == bad || strings.HasPrefix(name, bad+"/") {
					t.Errorf("%s imports %s: the language reads nothing itself", f.path, name)
				}
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, s.Sel.Name) {
					t.Errorf("%v: time.%s in the language", fileSet.Position(n.Pos()), s.Sel.Name)
				}
			}
			return true
		})
	}
}
