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
