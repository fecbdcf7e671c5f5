package store

import (
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// DefaultLimit is the length of a page whose limit is 0. MaxLimit and MaxSkip
// bound what one query may ask for.
const (
	DefaultLimit = 50
	MaxLimit     = 10_000
	MaxSkip      = 1_000_000
)

// Page selects a part of the rows that match, newest first. MaxID makes page N
// cost what page 1 does: ask for MaxID = last ID seen - 1.
type Page struct {
	Limit int // 0 is DefaultLimit; more than MaxLimit is MaxLimit
	Skip  int // more than MaxSkip is an error
	// MinID and MaxID are inclusive bounds; 0 is none.
	MinID, MaxID uint64
}

// BuildFilter selects builds. An empty field asks nothing; the values of one
// field are alternatives; all fields must match.
type BuildFilter struct {
	// Projects (names without host), Pipelines, Branches and Jobs may contain
	// "*" for any run of characters.
	Projects, Pipelines, Branches, Jobs []string

	Changes, Patchsets   []int
	Refs, NewRevs, UUIDs []string
	Nodesets             []string
	Voting, Held         []bool
	Results              []scheduler.Result
	// ExcludeResults also leaves out builds without a result.
	ExcludeResults []scheduler.Result
	Final          *bool
	Complete       *bool
	Page
}

// BuildsetFilter selects buildsets as BuildFilter does builds. The fields that
// describe a ref must all match one and the same ref of the buildset.
type BuildsetFilter struct {
	// Projects, Pipelines and Branches may contain "*".
	Projects, Pipelines, Branches []string

	Changes, Patchsets   []int
	Refs, NewRevs, UUIDs []string
	Results              []scheduler.Result
	ExcludeResults       []scheduler.Result
	Complete             *bool
	Page
}

// BuildTimesFilter selects completed builds by exact values, newest end first.
type BuildTimesFilter struct {
	Projects, Pipelines, Branches, Refs, Jobs []string
	ExcludeResults                            []scheduler.Result
	Final                                     *bool
	// EndedFrom and EndedTo are inclusive bounds of EndedAt; zero is none.
	EndedFrom, EndedTo time.Time
	Limit, Skip        int
}
