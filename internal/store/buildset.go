package store

import (
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Buildset is one attempt to test an item on one speculative state.
type Buildset struct {
	// ID numbers the tenant's buildsets from 1 in order of creation.
	ID       uint64
	UUID     scheduler.BuildsetID
	Item     scheduler.ItemID
	Pipeline scheduler.PipelineName
	// Result is empty until there is one. A buildset that a reset replaced has
	// the result DEQUEUED, and a message that begins with StartedOver.
	Result scheduler.Result
	// Message is that of the report, or why it was replaced.
	Message string
	// Refs of the item; one unless it is a cycle of changes.
	Refs      []scheduler.Ref
	Event     scheduler.EventID
	EventTime time.Time
	CreatedAt time.Time
	// FirstBuildStart and LastBuildEnd are zero until a build started or ended.
	FirstBuildStart, LastBuildEnd time.Time
	Events                        []BuildsetEvent
	// Builds in order of creation; set by Store.Buildset only.
	Builds []Build
}

// StartedOver begins the message of a buildset that another one of the same
// item replaced, because what it was tested on changed.
const StartedOver = "Started over"

// Complete reports whether the buildset has a result.
func (b *Buildset) Complete() bool { return b.Result != "" }

// BuildsetEvent is something that happened to a buildset.
type BuildsetEvent struct {
	Time time.Time
	// Type is a word such as triggered, Description a sentence.
	Type, Description string
}
