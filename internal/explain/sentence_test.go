package explain

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// TestEveryEventHasASentence holds the tables to the registry of events: a new
// event is explained from its first day.
func TestEveryEventHasASentence(t *testing.T) {
	t.Parallel()
	var known []reflect.Type
	for _, e := range wire.Events() {
		typ := reflect.TypeOf(e)
		known = append(known, typ)
		if _, ok := tables[typ]; !ok {
			t.Errorf("%s has no sentence: add a row to the table of its noun, in a file say_*.go of internal/explain", typ)
			continue
		}
		// Even an event that says nothing, about somebody unknown, is a sentence.
		said := say(newWho(nil), e)
		if said.Text == "" || strings.HasSuffix(said.Text, ".") || strings.Contains(said.Text, "%!") {
			t.Errorf("%s says %q", typ, said.Text)
		}
	}
	// A story of nonsense is no reason to panic.
	newStory(&subject{kind: KindChange, items: map[scheduler.ItemID]bool{}}, newWho(nil)).commit(Commit{Events: wire.Events()})
	for typ := range tables {
		if !slices.Contains(known, typ) {
			t.Errorf("%s has a sentence and is no event", typ)
		}
	}
}

// TestLeftOutJobs tells of jobs that the projects ask for and that do not run.
func TestLeftOutJobs(t *testing.T) {
	t.Parallel()
	left := []scheduler.LeftJob{{Job: "docs", Why: "no file that it looks at is changed"}}
	w := newWho(nil)
	graph := &scheduler.JobGraph{Jobs: []scheduler.FrozenJob{{Name: "unit"}}}
	if got := sayItemPrepared(w, scheduler.ItemPrepared{Graph: graph, Left: left}).Text; got != "It is prepared; its graph of jobs has unit; left out: docs (no file that it looks at is changed)" {
		t.Errorf("got %q", got)
	}
	if got := sayItemPrepared(w, scheduler.ItemPrepared{InPipeline: true, Left: left}).Cause; got != "docs (no file that it looks at is changed)" {
		t.Errorf("got %q", got)
	}
	s := newStory(&subject{kind: KindChange, number: 1, only: "docs", items: map[scheduler.ItemID]bool{}}, w)
	s.commit(Commit{Events: []scheduler.Event{
		scheduler.ItemEnqueued{Item: "i", Pipeline: "check", Refs: []scheduler.Ref{{Name: "org/app", Number: 1, Patchset: 1}}},
		scheduler.PrepareRequested{Item: "i", Buildset: "b"},
		scheduler.ItemPrepared{Item: "i", Buildset: "b", Graph: graph, Left: left},
	}})
	if got := s.absent(scene{}); len(got) != 1 || got[0] != "docs is not in the graph of jobs of 1,1 of org/app in check: no file that it looks at is changed." {
		t.Errorf("got %q", got)
	}
}
