package explain

import (
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Kind says what was asked about.
type Kind string

// The kinds of subjects.
const (
	KindChange   Kind = "change"
	KindRef      Kind = "ref"
	KindItem     Kind = "item"
	KindBuildset Kind = "buildset"
	KindBuild    Kind = "build"
)

// Document is the answer to a question.
type Document struct {
	Tenant scheduler.TenantName
	Kind   Kind
	// What names the subject in full: a change, a ref or an identifier.
	What string
	// Seq is the last commit that the answer looked at, At the time asked
	// about: when that commit was the newest.
	Seq uint64
	At  time.Time
	// Current says how it is at that time, for subjects that are in no
	// pipeline too.
	Current []string
	// Items are those of the subject that are in pipelines at that time.
	Items []Item
	// Timeline is what happened until then, oldest first; Omitted counts older
	// entries that were left out.
	Timeline []Entry
	Omitted  int
}

// Item is one item of the subject, in its queue.
type Item struct {
	ID       scheduler.ItemID
	Pipeline scheduler.PipelineName
	Queue    scheduler.QueueName // empty for queues without a name
	Refs     []scheduler.Ref
	Live     bool
	// Position in the queue, 1 at the front.
	Position int
	// Current says what the item and its jobs wait for.
	Current []string
	// Ahead lists the items in front of it, nearest first; AheadTotal counts
	// them where not all are listed.
	Ahead      []Ahead
	AheadTotal int
}

// Ahead is an item in front of another.
type Ahead struct {
	ID       scheduler.ItemID
	Refs     []scheduler.Ref
	Live     bool
	Position int
	// Base says that the item is tested on top of this one.
	Base bool
	// State is a sentence.
	State string
}

// Entry is one thing that happened.
type Entry struct {
	Seq  uint64
	Time time.Time
	// Event is the type's name in the log without its version.
	Event string
	// Text is the sentence, Cause what it is due to; empty when the sentence
	// says it, or when it is due to nobody.
	Text, Cause string
	// Item, Pipeline, Buildset and Build that it is about, where it is.
	Item     scheduler.ItemID
	Pipeline scheduler.PipelineName
	Buildset scheduler.BuildsetID
	Build    scheduler.BuildID
}

// Commit is one record of a log, decoded.
type Commit struct {
	Seq    uint64
	Time   time.Time
	Events []scheduler.Event
}
