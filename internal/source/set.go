package source

import (
	"context"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// Set is all sources of a server; canonical project names choose one.
type Set []Source

// Find returns the source that holds a project, and the project's name there.
func (s Set) Find(project scheduler.ProjectName) (Source, string, bool) {
	for _, src := range s {
		if name, ok := ShortName(src.CanonicalHost(), project); ok {
			return src, name, true
		}
	}
	return nil, "", false
}

// Connection returns the source of a connection, or nil.
func (s Set) Connection(name scheduler.ConnectionName) Source {
	for _, src := range s {
		if src.Connection() == name {
			return src
		}
	}
	return nil
}

// Repository returns the bare repository of a project on this machine.
func (s Set) Repository(ctx context.Context, project scheduler.ProjectName) (string, error) {
	src, name, ok := s.Find(project)
	if !ok {
		return "", &Error{Code: CodeNotFound, Message: fmt.Sprintf("no source has project %s", project)}
	}
	return src.Repository(ctx, name)
}
