package web

import (
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// BuildFilter selects builds. Empty fields ask nothing; the values of one
// field are alternatives; all fields must match.
type BuildFilter struct {
	// Projects (without host), Pipelines, Branches and Jobs may hold "*" for
	// any run of characters.
	Projects, Pipelines, Branches, Jobs []string

	Changes, Patchsets             []int
	Refs, NewRevs, UUIDs, Nodesets []string
	Voting, Held                   []bool
	Results                        []scheduler.Result
	// ExcludeResults also leaves out rows without a result.
	ExcludeResults []scheduler.Result
	// Final and Complete ask nothing when nil.
	Final, Complete *bool
	Page
}

// BuildsetFilter selects buildsets as BuildFilter does builds.
type BuildsetFilter struct {
	Projects, Pipelines, Branches []string
	Changes, Patchsets            []int
	Refs, NewRevs, UUIDs          []string
	Results, ExcludeResults       []scheduler.Result
	Complete                      *bool
	Page
}

// BuildTimesFilter selects completed builds by exact values.
type BuildTimesFilter struct {
	Projects, Pipelines, Branches, Refs, Jobs []string
	ExcludeResults                            []scheduler.Result
	Final                                     *bool
	// EndedFrom and EndedTo are inclusive; zero is none.
	EndedFrom, EndedTo time.Time
	Limit, Skip        int
}

// Page selects a part of the rows that match.
type Page struct {
	Limit, Skip int
	// MinID and MaxID are inclusive bounds of the row number; 0 is none.
	MinID, MaxID uint64
}

// Build is one row of the history of builds.
type Build struct {
	ID       uint64
	UUID     scheduler.BuildID
	Buildset scheduler.BuildsetID
	Job      scheduler.JobName
	// Result is empty while it runs; Held and Final are then nil.
	Result      scheduler.Result
	Held, Final *bool
	Voting      bool
	// StartedAt is zero when it did not run, EndedAt until there is a result.
	StartedAt, EndedAt time.Time
	LogURL             string
	Nodeset            string
	ErrorDetail        string
	Provides           []string
	Artifacts          []scheduler.Artifact
	Ref                scheduler.Ref
	Pipeline           scheduler.PipelineName
	Event              scheduler.EventID
	EventTime          time.Time
}

// Buildset is one row of the history of buildsets.
type Buildset struct {
	ID                            uint64
	UUID                          scheduler.BuildsetID
	Pipeline                      scheduler.PipelineName
	Result                        scheduler.Result
	Message                       string
	Refs                          []scheduler.Ref
	Event                         scheduler.EventID
	EventTime                     time.Time
	FirstBuildStart, LastBuildEnd time.Time
	// Events and Builds are those of a single buildset.
	Events []BuildsetEvent
	Builds []Build
}

// BuildsetEvent is something that happened to a buildset.
type BuildsetEvent struct {
	Time              time.Time
	Type, Description string
}

// ChangeHistory is everything that happened to a change in a tenant, newest
// first; the decisions inside an item are oldest first.
type ChangeHistory struct {
	Items     []HistoryItem
	Buildsets []Buildset
	// Refusals say why the change did not enter a pipeline.
	Refusals []Decision
}

// HistoryItem is one stay of a change in a pipeline.
type HistoryItem struct {
	UUID       scheduler.ItemID
	Pipeline   scheduler.PipelineName
	Refs       []scheduler.Ref
	Cause      string // why it entered
	EnqueuedAt time.Time
	DequeuedAt time.Time        // zero while it is there
	Result     scheduler.Result // empty while it is there
	Resets     int
	Decisions  []Decision
}

// Decision is something that was decided about a change, and why.
type Decision struct {
	Seq  uint64 // the commit that holds it
	Time time.Time
	Kind string // a word such as enqueued
	Text string // a sentence
}
