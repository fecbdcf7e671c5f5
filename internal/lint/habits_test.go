package lint

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// TestNoInit keeps work out of the time before main: it can't be tested, it
// can't be left out, and its order is nobody's decision.
func TestNoInit(t *testing.T) {
	t.Parallel()
	for _, f := range all(t) {
		if f.generated() {
			continue
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%v: an init function", fileSet.Position(fn.Pos()))
			}
		}
	}
}

// TestNoDefaultLogger keeps logging injected: a package-level logger stops
// tests from running side by side.
func TestNoDefaultLogger(t *testing.T) {
	t.Parallel()
	bad := map[string]bool{
		"Default": true, "SetDefault": true, "Info": true, "Warn": true, "Error": true, "Debug": true, "Log": true,
		"InfoContext": true, "WarnContext": true, "ErrorContext": true, "DebugContext": true,
	}
	for _, f := range code(t) {
		for _, name := range f.imports() {
			if name == "log" {
				t.Errorf("%s imports log: an injected slog.Logger is used", f.path)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if name := selected(call.Fun, "slog"); bad[name] {
					t.Errorf("%v: slog.%s uses the process's logger", fileSet.Position(n.Pos()), name)
				}
			}
			return true
		})
	}
}

// TestTestsWait keeps sleeping and skipping out of tests. A benchmark may sleep
// to see what a server takes that has nothing to do.
func TestTestsWait(t *testing.T) {
	t.Parallel()
	for _, f := range all(t) {
		if !f.test() {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if fn, ok := n.(*ast.FuncDecl); ok && strings.HasPrefix(fn.Name.Name, "Benchmark") {
				return false
			}
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch {
			case selected(s, "time") == "Sleep":
				t.Errorf("%v: a test that sleeps: wait for a signal", fileSet.Position(n.Pos()))
			case selected(s, "t") == "Skip", selected(s, "t") == "Skipf", selected(s, "t") == "SkipNow":
				t.Errorf("%v: a test that skips: what it needs is installed by make test", fileSet.Position(n.Pos()))
			}
			return true
		})
	}
}

// selected returns the name in pkg.Name, or nothing.
func selected(e ast.Expr, pkg string) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok && x.Name == pkg {
			return s.Sel.Name
		}
	}
	return ""
}

// TestComments holds packages and exported names to a sentence of their own.
func TestComments(t *testing.T) {
	t.Parallel()
	packages := map[string]bool{}
	for _, f := range code(t) {
		packages[f.dir] = packages[f.dir] || f.ast.Doc != nil
		for _, d := range f.ast.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%v: %s has no comment", fileSet.Position(d.Pos()), name)
			}
		}
	}
	for dir, documented := range packages {
		if !documented {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

// undocumented lists the exported names of a declaration without a comment.
func undocumented(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && onExported(d) && !fulfils(d) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		return undocumentedSpecs(d)
	}
	return nil
}

// fulfils reports whether a method is one that the standard library names,
// whose meaning is told there.
func fulfils(d *ast.FuncDecl) bool {
	switch d.Name.Name {
	case "Error", "Unwrap", "Is", "String", "Len", "Less", "Swap", "Read", "Write", "Close":
		return d.Recv != nil
	}
	return false
}

func undocumentedSpecs(d *ast.GenDecl) []string {
	var out []string
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && s.Doc == nil && s.Comment == nil && (d.Doc == nil || d.Lparen != token.NoPos) {
				out = append(out, s.Name.Name)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
					out = append(out, name.Name)
				}
			}
		}
	}
	return out
}

// onExported reports whether a function has no receiver or an exported one.
func onExported(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// TestSize tells which files are longer than most; it never fails.
func TestSize(t *testing.T) {
	t.Parallel()
	const look = 300
	lines, long := 0, 0
	for _, f := range all(t) {
		n := strings.Count(f.text, "\n")
		lines += n
		limit := look
		if f.test() {
			limit = look * 5 / 3
		}
		if n > limit {
			long++
			t.Logf("%5d lines: %s", n, f.path)
		}
	}
	t.Logf("%d files, %d lines, %d longer than one should be", len(all(t)), lines, long)
}
