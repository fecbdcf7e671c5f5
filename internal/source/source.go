// Package source is the port to code review systems: what Gozer asks of the
// place where changes come from and where they land. It holds types only;
// package sourcetest is the suite that every implementation passes.
package source

import (
	"context"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// MaxClosure bounds the number of changes that Closure returns. Facts that do
// not fit are left out, dependents before dependencies; a gate refuses a
// change with a dependency that it has no facts about.
const MaxClosure = 1000

// Source is one connection to a code review system. All methods may be called
// concurrently. Project names are those of the source, without the host.
//
// Errors that the caller caused are *Error; any other error is a fault of the
// source or the machine and worth another try.
type Source interface {
	// Connection is the connection's name in gozer.yaml, Driver its kind, and
	// CanonicalHost the first part of its projects' canonical names.
	Connection() scheduler.ConnectionName
	Driver() string
	CanonicalHost() string

	// Closure returns current facts about a change: the change first, then all
	// that it needs, then all open changes that need it, transitively and
	// bounded by MaxClosure.
	Closure(ctx context.Context, project string, number int) ([]scheduler.Change, error)
	// Branches lists the branches of a project, in name order.
	Branches(ctx context.Context, project string) ([]Branch, error)
	// Repository returns the directory of the project's bare repository on
	// this machine. Objects and refs below refs/gozer/ may be added to it.
	Repository(ctx context.Context, project string) (dir string, err error)

	// Report tells the source and, if asked, lands commits. It is idempotent
	// by r.ID: a repeated report changes nothing and returns the first outcome.
	// It is durable when it returns.
	Report(ctx context.Context, r Report) (Outcome, error)
	// Run delivers events to sink, in order, at least once, until ctx ends; as
	// many at a time as are there, since each delivery waits for a disk. An
	// event is delivered again, with the same ID, until sink has returned nil.
	Run(ctx context.Context, sink Sink) error
}

// Sink takes events in their order; it returns nil once none of them can be
// lost any more. After an error any of them may have been taken.
type Sink func(ctx context.Context, events ...scheduler.TriggerEvent) error

// Branch is one branch of a project.
type Branch struct {
	Name   string
	Commit string // the tip
}

// Report says what to tell about the changes of one item, and whether to land
// them.
type Report struct {
	ID scheduler.ReportID
	// Refs are the item's; those that are no changes, or belong to another
	// connection, are only landed, not reported on.
	Refs []scheduler.Ref
	// Message becomes a comment on every change; empty means none.
	Message string
	// Votes are labels to set on every change. A value of 0 takes a vote back.
	Votes map[string]int
	// Submit asks to land Commits: the tip of every branch that Refs target
	// moves to the commit given for that project and branch, or nothing moves.
	Submit bool
	// Commits is the speculative state of the item.
	Commits []scheduler.RepoCommit
}

// Outcome says what became of a report.
type Outcome struct {
	// Merged says that all changes of a report with Submit are on their
	// branches, as the very commits that were given.
	Merged bool
	// MergedChanges are those that merged although others of the report did
	// not, where a source can't land all or none.
	MergedChanges []scheduler.ChangeKey
	// Stale says that nothing landed because a branch moved since Commits were
	// made; the item is then tested again on the branch as it is.
	Stale bool
	// Detail is a sentence for people when Submit was asked and Merged is
	// false.
	Detail string
}

// Error is a refusal that the caller caused.
type Error struct {
	// Code is one of invalid, not_found, conflict, unauthenticated, forbidden,
	// exhausted.
	Code string
	// Message is a sentence for people.
	Message string
}

// The codes of Error.
const (
	CodeInvalid         = "invalid"
	CodeNotFound        = "not_found"
	CodeConflict        = "conflict"
	CodeUnauthenticated = "unauthenticated"
	CodeForbidden       = "forbidden"
	CodeExhausted       = "exhausted"
)

func (e *Error) Error() string { return e.Message }

// ProjectName returns the canonical name of a project on a host.
func ProjectName(host, project string) scheduler.ProjectName {
	return scheduler.ProjectName(host + "/" + project)
}

// ShortName returns the name of a project without the host, and whether it
// is on that host at all.
func ShortName(host string, project scheduler.ProjectName) (string, bool) {
	name, ok := strings.CutPrefix(string(project), host+"/")
	return name, ok && name != ""
}

// ConfigFiles are the names at the root of a repository that hold in-repo
// configuration (Zuul documentation, "Configuration loading").
func ConfigFiles() []string { return []string{"zuul.yaml", ".zuul.yaml", "zuul.d", ".zuul.d"} }

// IsConfigFile reports whether path is a file of in-repo configuration, or,
// with a trailing slash, a directory that may hold some.
func IsConfigFile(path string) bool {
	if path == "zuul.yaml" || path == ".zuul.yaml" {
		return true
	}
	if !strings.HasPrefix(path, "zuul.d/") && !strings.HasPrefix(path, ".zuul.d/") {
		return false
	}
	return strings.HasSuffix(path, "/") || strings.HasSuffix(path, ".yaml") || strings.HasSuffix(path, "/.zuul.ignore")
}
