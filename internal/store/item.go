package store

import (
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Item is the history of one live item of a pipeline.
type Item struct {
	// ID numbers the tenant's live items from 1 in order of arrival.
	ID         uint64
	UUID       scheduler.ItemID
	Pipeline   scheduler.PipelineName
	Refs       []scheduler.Ref
	Event      scheduler.EventID
	EventTime  time.Time
	Cause      string // why it entered, in words
	EnqueuedAt time.Time
	// DequeuedAt is zero and Result empty while it is in the pipeline.
	DequeuedAt time.Time
	Result     scheduler.Result
	Resets     int
	// Decisions about it, oldest first; set by Store.Item and Store.Change.
	Decisions []Decision
}

// Decision is one thing that was decided about an item or a change.
type Decision struct {
	// Seq is the commit that holds it; Gozer's explanations start from it.
	Seq  uint64
	Time time.Time
	Kind DecisionKind
	Text string // a sentence for people
}

// DecisionKind classifies decisions.
type DecisionKind string

// Kinds of decisions.
const (
	DecisionEnqueued    DecisionKind = "enqueued"
	DecisionRefused     DecisionKind = "refused"
	DecisionMoved       DecisionKind = "moved"
	DecisionPrepared    DecisionKind = "prepared"
	DecisionReset       DecisionKind = "reset"
	DecisionCanceled    DecisionKind = "canceled"
	DecisionFailing     DecisionKind = "failing"
	DecisionRecovered   DecisionKind = "recovered"
	DecisionReported    DecisionKind = "reported"
	DecisionMerged      DecisionKind = "merged"
	DecisionMergeFailed DecisionKind = "merge-failed"
	DecisionDequeued    DecisionKind = "dequeued"
)

// ChangeHistory is everything that happened to a change.
type ChangeHistory struct {
	// Items that held the change, newest first, with their decisions.
	Items []Item
	// Buildsets of those, newest first, with their builds.
	Buildsets []Buildset
	// Refusals say why the change did not enter a pipeline, newest first.
	Refusals []Decision
}
