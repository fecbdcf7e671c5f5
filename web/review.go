package web

import (
	"context"
	"time"
)

// Review is a built-in code review: repositories, changes and what people
// say about them.
type Review interface {
	ReviewReader
	ReviewWriter
}

// ReviewReader reads; everybody may.
type ReviewReader interface {
	Projects(ctx context.Context) ([]ReviewProject, error)
	Changes(ctx context.Context, f ChangeFilter) ([]ReviewChange, error)
	// Change has everything; the list leaves comments and patchsets out.
	Change(ctx context.Context, number int) (ReviewChange, error)
	// Diff of a patchset against its base as text; patchset 0 is the current
	// one. It may be cut short, which its last line then says.
	Diff(ctx context.Context, number, patchset int) ([]byte, error)
}

// ReviewWriter writes in the name of a person.
type ReviewWriter interface {
	// CreateProject makes a repository; an empty default branch means main.
	CreateProject(ctx context.Context, actor, name, defaultBranch string) (ReviewProject, error)
	// Vote sets a label on the current patchset; value 0 takes it back.
	Vote(ctx context.Context, actor string, number int, v ReviewVote) error
	// Approve gives every vote that a person's approval needs.
	Approve(ctx context.Context, actor string, number int, message string) error
	Comment(ctx context.Context, actor string, number int, message string) error
	Abandon(ctx context.Context, actor string, number int, message string) error
	Restore(ctx context.Context, actor string, number int, message string) error
}

// ReviewProject is a repository.
type ReviewProject struct {
	Name          string
	DefaultBranch string
	CloneURL      string
	Created       time.Time
}

// ChangeFilter selects changes. Empty fields ask nothing.
type ChangeFilter struct {
	Project, Branch, Owner string
	Status                 string // open, merged or abandoned
	Limit, Skip            int
}

// ReviewChange is a change under review.
type ReviewChange struct {
	Number           int
	Project, Branch  string
	Subject, Message string
	ChangeID         string // empty without the trailer
	Owner            string
	Status           string // open, merged or abandoned
	URL              string
	Created, Updated time.Time
	Patchsets        []ReviewPatchset // at least the current one, oldest first
	Votes            []ReviewVote     // on the current patchset
	Comments         []ReviewComment  // oldest first
	// DependsOn and NeededBy are numbers of changes.
	DependsOn, NeededBy []int
	// Missing lists what the change still lacks before it may merge.
	Missing []string
}

// ReviewPatchset is one version of a change.
type ReviewPatchset struct {
	Number   int
	Commit   string
	Ref      string
	Uploader string
	Created  time.Time
}

// ReviewVote is a value for a label. Message goes with a new vote, User is
// set on those that are read.
type ReviewVote struct {
	Label   string
	Value   int
	User    string
	Message string
}

// ReviewComment is what somebody, or a pipeline, wrote.
type ReviewComment struct {
	Author   string
	Message  string // may be empty when there are votes
	Votes    []ReviewVote
	Patchset int
	Created  time.Time
}
