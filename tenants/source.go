package tenants

import (
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// File is one file of a project, at its path from the project's root.
type File struct {
	Path string
	Data []byte
	// Omitted says why the content is not given; empty when it is. The author
	// is told so wherever the file stands.
	Omitted string
}

// ProjectBranch holds the configuration files of one branch of a project.
// Files that configuration is not read from are ignored. A branch without
// such files must be given too: how many branches a project has decides
// whether its jobs match their own branch only.
type ProjectBranch struct {
	Project scheduler.ProjectName
	Branch  string
	// Default marks the project's default branch, whose objects come first;
	// without a mark it is master, then main.
	Default bool
	Files   []File
}

// Source says where an object of the configuration stands. The zero Source is
// that of built-in objects.
type Source struct {
	Project scheduler.ProjectName
	Branch  string
	Path    string
	// Line and Col start at 1.
	Line, Col int
	// Trusted says that Project is a config-project.
	Trusted bool
}

// String renders s as project@branch:path:line.
func (s Source) String() string {
	if s.Project == "" {
		return "built in"
	}
	return fmt.Sprintf("%s@%s:%s:%d", s.Project, s.Branch, s.Path, s.Line)
}

// Attr is the value of an attribute that may be left unset.
type Attr[T any] struct {
	Value T
	Set   bool
	mode  mergeMode
}

// Or returns the value, or def when it is unset.
func (a Attr[T]) Or(def T) T {
	if a.Set {
		return a.Value
	}
	return def
}

func some[T any](v T) Attr[T] { return Attr[T]{Value: v, Set: true} }
