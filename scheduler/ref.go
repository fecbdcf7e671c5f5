package scheduler

import (
	"fmt"
	"strconv"
	"strings"
)

// Ref is what an item tests: one patchset of a change, a branch or a tag.
// It is a value; the facts about a change that vary live in Change.
type Ref struct {
	Connection ConnectionName
	Project    ProjectName
	// Name is the project's name in its source, without the host.
	Name   string
	Branch string // target branch; empty for tags
	// Ref is the full name of the git ref: refs/changes/01/1/1, refs/heads/main.
	Ref string
	// Number and Patchset are set for changes only.
	Number   int
	Patchset int
	// OldRev and NewRev are set for branches and tags only: the commits before
	// and after the update.
	OldRev, NewRev string
	URL            string
	Owner          string
}

// IsChange reports whether r is a patchset of a change.
func (r Ref) IsChange() bool { return r.Number != 0 }

// Key identifies the change without its patchset; zero for branches and tags.
func (r Ref) Key() ChangeKey {
	if !r.IsChange() {
		return ChangeKey{}
	}
	return ChangeKey{Project: r.Project, Number: r.Number}
}

// ID is the name that people and Zuul's API use: "number,patchset" for a
// change, the new revision for a branch or tag.
func (r Ref) ID() string {
	if r.IsChange() {
		return strconv.Itoa(r.Number) + "," + strconv.Itoa(r.Patchset)
	}
	return r.NewRev
}

// atPatchset is another patchset of the same change. Sources name the git refs
// of changes with the patchset last, as refs/changes/01/1/2.
func (r Ref) atPatchset(n int) Ref {
	if base, ok := strings.CutSuffix(r.Ref, "/"+strconv.Itoa(r.Patchset)); ok {
		r.Ref = base + "/" + strconv.Itoa(n)
	}
	r.Patchset = n
	return r
}

// String names r in messages.
func (r Ref) String() string {
	if r.IsChange() {
		return fmt.Sprintf("%s of %s", r.ID(), r.Name)
	}
	return fmt.Sprintf("%s of %s", r.Ref, r.Name)
}

// ChangeKey identifies a change across its patchsets.
type ChangeKey struct {
	Project ProjectName
	Number  int
}

// Vote is one person's value for one label on the current patchset.
type Vote struct {
	Label    string
	Value    int
	Username string
	Email    string
}

// Need is a dependency of one change on another.
type Need struct {
	Change ChangeKey
	// Patchset is the patchset that is needed; 0 means whichever is current
	// (Depends-On names a change, a git parent names a patchset).
	Patchset int
	// Parent is true for a git parent, false for a Depends-On line.
	Parent bool
}

// Change is what a source last told about a change. The core keeps the facts
// of changes that are in a pipeline or needed by one that is.
type Change struct {
	Ref
	Open   bool
	Merged bool
	// Blocked is true when the source would refuse to merge whatever the
	// pipelines vote, for example because of a veto.
	Blocked bool
	// MissingLabels are the labels that the source still wants before it
	// merges. A pipeline may merge when it sets all of them itself.
	MissingLabels []string
	Votes         []Vote
	// Needs lists unmerged and merged dependencies in a stable order: git
	// parents first, then Depends-On lines as written.
	Needs   []Need
	Subject string
	// Topic groups changes; in queues with dependencies by topic the changes
	// of a topic need each other.
	Topic string
	// Commit is the patchset's commit.
	Commit string
}
