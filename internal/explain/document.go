package explain

import (
	"time"

	"github.com/gozer-ci/gozer/internal/past"
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

// Document is the answer to a question. Its JSON form is what the API and the
// command line answer, so that tags stand here; keys are only ever added.
type Document struct {
	Tenant scheduler.TenantName `json:"tenant"`
	Kind   Kind                 `json:"kind"`
	// What names the subject in full: a change, a ref or an identifier.
	What string `json:"what"`
	// Seq is the last commit that the answer looked at, At the time asked
	// about: when that commit was the newest.
	Seq uint64    `json:"seq"`
	At  time.Time `json:"at"`
	// Current says how it is at that time, for subjects that are in no
	// pipeline too.
	Current []string `json:"current"`
	// Items are those of the subject that are in pipelines at that time.
	Items []Item `json:"items"`
	// Timeline is what happened until then, oldest first; Omitted counts older
	// entries that were left out.
	Timeline []Entry `json:"timeline"`
	Omitted  int     `json:"omitted"`
	// Notes say what was not looked at.
	Notes []string `json:"notes"`
}

// Item is one item of the subject, in its queue.
type Item struct {
	ID       scheduler.ItemID       `json:"id"`
	Pipeline scheduler.PipelineName `json:"pipeline"`
	Queue    scheduler.QueueName    `json:"queue"` // empty for queues without a name
	// Title names what it tests, Refs is the same for programs.
	Title string `json:"title"`
	Refs  []Ref  `json:"refs"`
	Live  bool   `json:"live"`
	// Position in the queue, 1 at the front.
	Position int `json:"position"`
	// Current says what the item and its jobs wait for.
	Current []string `json:"current"`
	// Ahead lists the items in front of it, nearest first; AheadTotal counts
	// them where not all are listed.
	Ahead      []Ahead `json:"ahead"`
	AheadTotal int     `json:"ahead_total"`
}

// Ref is what an item tests, as in the status document.
type Ref struct {
	Project string `json:"project"`
	Ref     string `json:"ref"`
	ID      string `json:"id"`
	URL     string `json:"url"`
}

func refsOf(refs []scheduler.Ref) []Ref {
	out := make([]Ref, len(refs))
	for i, r := range refs {
		out[i] = Ref{Project: r.Name, Ref: r.Ref, ID: r.ID(), URL: r.URL}
	}
	return out
}

// Ahead is an item in front of another.
type Ahead struct {
	ID       scheduler.ItemID `json:"id"`
	Title    string           `json:"title"`
	Refs     []Ref            `json:"refs"`
	Live     bool             `json:"live"`
	Position int              `json:"position"`
	// Base says that the item is tested on top of this one.
	Base bool `json:"base"`
	// State says how it is, in a clause.
	State string `json:"state"`
}

// Entry is one thing that happened.
type Entry struct {
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time"`
	// Event is the type's name in the log without its version.
	Event string `json:"event"`
	// Text is the sentence, Cause what it is due to; empty when the sentence
	// says it, or when it is due to nobody.
	Text  string `json:"text"`
	Cause string `json:"cause"`
	// Item, Pipeline, Buildset and Build that it is about; empty where there
	// is none.
	Item     scheduler.ItemID       `json:"item"`
	Pipeline scheduler.PipelineName `json:"pipeline"`
	Buildset scheduler.BuildsetID   `json:"buildset"`
	Build    scheduler.BuildID      `json:"build"`
}

// Commit is one record of a log, decoded.
type Commit = past.Commit
