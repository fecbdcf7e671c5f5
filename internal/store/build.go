package store

import (
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Build is one row of the build history: an execution of a job, or a job that
// was skipped.
type Build struct {
	// ID numbers the tenant's builds from 1 in order of creation.
	ID       uint64
	UUID     scheduler.BuildID
	Buildset scheduler.BuildsetID
	Item     scheduler.ItemID
	Job      scheduler.JobName
	Attempt  int // 1-based
	// Result is empty until the build has one.
	Result scheduler.Result
	// Held and Final are nil until the build has a result. Final is false for
	// a build that another attempt followed.
	Held, Final *bool
	Voting      bool
	// RequestedAt is when the scheduler asked for the build. StartedAt is zero
	// until an executor began it and for builds that never ran; EndedAt is
	// zero until there is a result.
	RequestedAt, StartedAt, EndedAt time.Time
	Executor                        scheduler.ExecutorName
	LogURL                          string
	Nodeset                         string // name; empty for anonymous and none
	ErrorDetail                     string
	// Provides are the artifacts that the job provides to others by name;
	// Artifacts those that the build made.
	Provides  []string
	Artifacts []scheduler.Artifact
	// Ref is the first ref of the item.
	Ref      scheduler.Ref
	Pipeline scheduler.PipelineName
	// Event is the trigger event that the item came from, EventTime when its
	// source saw it.
	Event     scheduler.EventID
	EventTime time.Time
}

// Complete reports whether the build has a result.
func (b *Build) Complete() bool { return b.Result != "" }

// Duration is the time from start to end; ok is false unless both are known.
func (b *Build) Duration() (d time.Duration, ok bool) {
	if b.StartedAt.IsZero() || b.EndedAt.IsZero() {
		return 0, false
	}
	return b.EndedAt.Sub(b.StartedAt), true
}
