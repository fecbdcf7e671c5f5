package explain

import (
	"slices"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// maxEntries is how much of a long story is told: the newest entries.
const maxEntries = 2000

// story collects what happened to a subject, commit by commit.
type story struct {
	*subject
	who     *who
	entries []Entry
	omitted int
	// arrivals are what was received and not handled yet, by event: an item
	// that comes of one tells of it.
	arrivals map[scheduler.EventID]Entry
	waiting  int // arrivals that name the subject
	// left is when the subject's last item left, and why; refused why it did
	// not enter.
	left, refused *Entry
	order         []scheduler.ItemID // the subject's items, oldest first
	refs          []scheduler.Ref    // of the subject's items, to name it
}

func newStory(s *subject, w *who) *story {
	return &story{subject: s, who: w, entries: []Entry{}, arrivals: map[scheduler.EventID]Entry{}}
}

// commit reads one record.
func (t *story) commit(c Commit) {
	for _, e := range c.Events {
		about := concernOf(e)
		entry, minor := t.tell(c, e, about)
		if t.concerns(e, about) {
			t.add(e, about, entry, minor)
		}
		t.arrival(e, about, entry)
		t.who.learn(e)
	}
}

// tell makes the entry of an event. The sentence comes before the learning,
// so that it knows what was before.
func (t *story) tell(c Commit, e scheduler.Event, about concern) (Entry, bool) {
	said := say(t.who, e)
	name, _, _ := strings.Cut(wire.EventName(e), "/")
	out := Entry{
		Seq: c.Seq, Time: timeOf(e, c.Time), Event: name, Text: said.Text, Cause: said.Cause,
		Item: t.itemOf(about), Pipeline: about.pipeline, Buildset: about.buildset,
	}
	if len(about.builds) == 1 {
		out.Build = about.builds[0]
	}
	if m := t.who.items[out.Item]; m != nil {
		out.Pipeline = m.pipeline
	}
	return out, said.Minor
}

// timeOf is when it happened: builds start and end before the commit.
func timeOf(e scheduler.Event, commit time.Time) time.Time {
	switch e := e.(type) {
	case scheduler.BuildStarted:
		return orTime(e.Time, commit)
	case scheduler.BuildCompleted:
		return orTime(e.Time, commit)
	}
	return commit
}

func orTime(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

// itemOf is the item that an event is about, by way of its build if need be.
func (t *story) itemOf(about concern) scheduler.ItemID {
	if about.item != "" {
		return about.item
	}
	for _, id := range about.builds {
		if r := t.who.builds[id]; r != nil {
			return r.item
		}
	}
	return t.who.buildsets[about.buildset]
}

func (t *story) add(e scheduler.Event, about concern, entry Entry, minor bool) {
	switch e := e.(type) {
	case scheduler.ItemEnqueued:
		t.refs = e.Refs
		if first, ok := t.arrivals[e.Event]; ok && !t.has(first) {
			t.keep(first)
		}
	case scheduler.ItemDequeued:
		t.left = &entry
	case scheduler.EnqueueRefused:
		t.refused = &entry
	}
	if !minor {
		t.keep(entry)
	}
}

// has reports whether an entry is told already.
func (t *story) has(x Entry) bool {
	return slices.ContainsFunc(t.entries, func(e Entry) bool { return e == x })
}

func (t *story) keep(e Entry) {
	if len(t.entries) >= maxEntries {
		t.entries = t.entries[1:]
		t.omitted++
	}
	t.entries = append(t.entries, e)
}

// arrival keeps what waits in the inbox, and drops what was handled.
func (t *story) arrival(e scheduler.Event, about concern, entry Entry) {
	switch e.(type) {
	case scheduler.TriggerReceived, scheduler.EnqueueReceived, scheduler.DequeueReceived, scheduler.PromoteReceived:
		t.arrivals[about.event] = entry
		if t.meansAny(about.refs) {
			t.waiting++
		}
	case scheduler.TriggerHandled:
		delete(t.arrivals, about.event)
		t.waiting = max(0, t.waiting-1)
	}
}
