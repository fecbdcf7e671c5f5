// Package merger makes speculative states: the commits that a branch would
// have if the changes of a queue merged, made with git in the projects' bare
// repositories, without a work tree.
//
// The same inputs give the same commits, byte for byte, so that work done
// twice after a crash is harmless, and the commit that was tested is the
// commit that lands.
package merger

import (
	"context"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/scheduler"
)

// Repositories finds the bare repository of a project on this machine.
type Repositories interface {
	Repository(ctx context.Context, project scheduler.ProjectName) (dir string, err error)
}

// Merger makes speculative commits. Its methods may be called concurrently.
type Merger struct {
	repos Repositories
	git   *git.Pool
}

// New returns a merger that works on the repositories of repos with the git
// processes of pool, which stays the caller's to close.
func New(repos Repositories, pool *git.Pool) *Merger {
	return &Merger{repos: repos, git: pool}
}

// Request asks for the state of an item.
type Request struct {
	// Base is the speculative state ahead; empty means the branches as they are.
	Base []scheduler.RepoCommit
	// Refs are merged onto it, in this order.
	Refs []scheduler.Ref
}

// Result is a speculative state, or the reason why there is none.
type Result struct {
	// Conflict says that the refs do not merge; Detail says why, in sentences
	// for people.
	Conflict bool
	Detail   string
	// State is Base with the entries of the refs' branches replaced or added.
	State []scheduler.RepoCommit
	// Changed lists the files that a ref changes against its base, by the
	// ref's index, in byte order. Refs whose files are not known (tags,
	// created or deleted branches) have no entry.
	Changed map[int][]string
}

// File is one file of a commit.
type File struct {
	Path string
	Data []byte
}
