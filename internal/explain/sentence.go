package explain

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// Said is what an event means to people.
type Said struct {
	// Text is a sentence about the item, job or change concerned, without
	// naming it where that is clear.
	Text string
	// Cause is what it is due to, unless Text says it.
	Cause string
	// Minor events are part of the machinery: they are true, and left out.
	Minor bool
}

// row gives one type of event its sentence.
type row struct {
	typ reflect.Type
	say func(w *who, e scheduler.Event) Said
}

// rowOf makes the row of a type. The sentence is asked for before w has learnt
// from the event, so that it can tell what was before.
func rowOf[E scheduler.Event](say func(w *who, e E) Said) row {
	return row{reflect.TypeFor[E](), func(w *who, e scheduler.Event) Said { return say(w, e.(E)) }}
}

// tables are all sentences; a new event gets a row in the table of its noun.
var tables = tableOf(layoutRows, inputRows, changeRows, pipelineRows, controlRows, queueRows, itemRows, buildsetRows, buildRows, jobRows, resourceRows, reportRows)

func tableOf(lists ...[]row) map[reflect.Type]row {
	out := map[reflect.Type]row{}
	for _, list := range lists {
		for _, r := range list {
			if _, twice := out[r.typ]; twice {
				panic(fmt.Sprintf("explain: two sentences for %s", r.typ))
			}
			out[r.typ] = r
		}
	}
	return out
}

// say finds the sentence of an event. A test holds the tables to the registry
// of all events, so that none is without.
func say(w *who, e scheduler.Event) Said {
	r, ok := tables[reflect.TypeOf(e)]
	if !ok {
		return Said{Text: fmt.Sprintf("%s happened", strings.TrimPrefix(fmt.Sprintf("%T", e), "scheduler."))}
	}
	return r.say(w, e)
}

// sayf is a sentence without a cause.
func sayf(format string, v ...any) Said { return Said{Text: fmt.Sprintf(format, v...)} }

// because adds the cause.
func (s Said) because(cause string) Said {
	s.Cause = cause
	return s
}

// minor marks the sentence as machinery.
func (s Said) minor() Said {
	s.Minor = true
	return s
}
