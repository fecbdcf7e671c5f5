package app

import (
	"slices"

	"github.com/gozer-ci/gozer/internal/preparer"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// Parts are brought along instead of being opened as the configuration says.
// Whoever brings a part closes it, after the App.
type Parts struct {
	// Sources serve the configured connections that have their names, whatever
	// the drivers of those are.
	Sources []source.Source
	// Merger makes speculative states; nil is git in the sources' repositories.
	Merger preparer.Merger
}

// source returns the one brought along for a connection, or nil.
func (p Parts) source(name scheduler.ConnectionName) source.Source {
	i := slices.IndexFunc(p.Sources, func(s source.Source) bool { return s.Connection() == name })
	if i < 0 {
		return nil
	}
	return p.Sources[i]
}
