package sim

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// watch is an observer of one tenant's log. It knows what happened from the
// records alone, and holds what each event may follow.
type watch struct {
	t *tenant
	// awaited are identifiers of what was stored for the tenant, in order;
	// taken those that the log has.
	awaited   []scheduler.EventID
	stored    map[scheduler.EventID]bool
	taken     map[scheduler.EventID]bool
	items     map[scheduler.ItemID]*itemSeen
	builds    map[scheduler.BuildID]*buildSeen
	live      map[jobSeen]*buildSeen // the newest build of a job
	buildsets map[scheduler.BuildsetID]*buildsetSeen
	reports   map[scheduler.ReportID]*reportSeen
	asked     []*reportSeen // in order
	requested uint64        // reconfigurations
	merged    map[scheduler.QueueID]int
	provided  []provided
	asks      map[string]bool // for nodes and semaphores
	nodes     map[scheduler.NodeID]scheduler.NodeRequestID
	places    int // given to items
}

type itemSeen struct {
	queue    scheduler.QueueID
	place    int // in order of enqueueing
	buildset *buildsetSeen
	gone     bool
	stale    bool // its branch had moved, so that it is to be tested again
}

type buildsetSeen struct {
	item           scheduler.ItemID
	prepared, gone bool
}

type jobSeen struct {
	buildset scheduler.BuildsetID
	key      scheduler.JobKey
}

type buildSeen struct {
	id            scheduler.BuildID
	buildset      *buildsetSeen
	started, done bool
	canceled      bool
	paused        bool
	resumed       bool
}

type reportSeen struct {
	e     scheduler.ReportRequested
	done  bool
	needs []scheduler.ChangeKey // what its changes needed when it was asked
}

func newWatch(t *tenant) watch {
	return watch{
		t: t, stored: map[scheduler.EventID]bool{}, taken: map[scheduler.EventID]bool{},
		items: map[scheduler.ItemID]*itemSeen{}, builds: map[scheduler.BuildID]*buildSeen{}, live: map[jobSeen]*buildSeen{},
		buildsets: map[scheduler.BuildsetID]*buildsetSeen{}, reports: map[scheduler.ReportID]*reportSeen{},
		merged: map[scheduler.QueueID]int{}, asks: map[string]bool{}, nodes: map[scheduler.NodeID]scheduler.NodeRequestID{},
	}
}

// appended shows a record to the observer, as soon as it is durable.
func (s *Sim) appended(r eventlog.Record, head eventlog.Head) {
	i := slices.IndexFunc(s.tenants, func(t *tenant) bool { return t.name == r.Tenant })
	t := s.tenants[i]
	events, err := s.codec.DecodeEvents(r.Body)
	if err != nil {
		s.fail("old logs are read", "record %d of %s: %v", r.Seq, t.name, err)
		return
	}
	if in := r.Inputs[0]; in.Stream == t.mark.Stream && in.Seq < t.mark.Seq {
		s.fail("durable", "record %d has input %d after %d", r.Seq, in.Seq, t.mark.Seq)
	}
	t.head, t.mark = head, r.Inputs[0]
	for _, e := range events {
		s.events++
		s.covered.count(e)
		s.tell("  %s %d: %T", t.name, r.Seq, e)
		t.watch.see(e)
		t.watch.shares(e)
		scheduler.Fold(t.folded, []scheduler.Event{e})
		t.watch.within(e)
		t.watch.noteProvided(e)
	}
	t.watch.undisturbed(events)
	t.watch.noteNeeds(events)
}

// within holds that nobody gets a semaphore beyond its limit (P7).
func (w *watch) within(e scheduler.Event) {
	got, ok := e.(scheduler.SemaphoresAcquired)
	if !ok || w.t.folded.Layout == nil {
		return
	}
	s := w.t.s
	for _, name := range got.Semaphores {
		if _, global := w.t.folded.Layout.GlobalSemaphores[name]; global && s.covered["rivals"] == 0 {
			n := 0
			for _, t := range s.tenants {
				n += len(t.folded.Holders[name])
			}
			if n > 1 {
				w.fail("P7 semaphores", "%s has %d holders of 1 in all tenants", name, n)
			}
		}
		limit, known := w.t.folded.Layout.Semaphores[name]
		if n := len(w.t.folded.Holders[name]); known && n > limit {
			w.fail("P7 semaphores", "%s has %d holders of %d", name, n, limit)
		}
	}
}

func (w *watch) fail(property, format string, args ...any) {
	w.t.s.fail(property, "%s: %s", w.t.name, fmt.Sprintf(format, args...))
}

// owned holds that identifiers are of one tenant (P9).
func owned[T ~string](w *watch, id T) {
	s := w.t.s
	if o, ok := s.owner[string(id)]; ok && o != w.t.name {
		w.fail("P9 tenants are apart", "%s is of tenant %s", id, o)
	}
	s.owner[string(id)] = w.t.name
}

// see holds what an event may follow: P3, P6 and P12.
func (w *watch) see(e scheduler.Event) {
	switch e := e.(type) {
	case scheduler.TriggerReceived:
		w.take(e.Trigger.ID)
	case scheduler.EnqueueReceived:
		w.take(e.Enqueue.ID)
	case scheduler.DequeueReceived:
		w.take(e.Dequeue.ID)
	case scheduler.PromoteReceived:
		w.take(e.Promote.ID)
	case scheduler.QueuesControlled:
		w.take(e.ID)
	case scheduler.TriggerHandled:
		if s := w.t.folded; s.Loaded < s.Requested {
			w.fail("configuration first", "%s was handled before configuration %d was loaded", e.ID, s.Requested)
		}
	case scheduler.ChangeUpdated:
		if old := w.t.folded.Changes[e.Change.Key()]; old != nil && old.Merged && !e.Change.Merged {
			w.fail("P6 late answers", "old facts bring %s back, which has merged", e.Change.ID())
		}
	case scheduler.ReconfigureRequested:
		w.requested = e.Request
	case scheduler.ItemEnqueued:
		owned(w, e.Item)
		if w.items[e.Item] != nil {
			w.fail("P12 once", "item %s was enqueued twice", e.Item)
		}
		w.places++
		w.items[e.Item] = &itemSeen{queue: e.Queue, place: w.places}
	case scheduler.PrepareRequested:
		w.prepareRequested(e)
	case scheduler.ItemPrepared:
		b := w.buildsets[e.Buildset]
		if b == nil || b.prepared || b.gone {
			w.fail("P6 late answers", "buildset %s was prepared and not waiting for it", e.Buildset)
			return
		}
		b.prepared = true
	case scheduler.ItemRequeued:
		if it := w.items[e.Item]; it != nil {
			w.places++
			it.queue, it.place = e.Queue, w.places
		}
	case scheduler.BuildsetReset:
		w.cancel(e.Canceled)
		w.drop(e.Item)
		if it := w.items[e.Item]; it != nil {
			it.stale = false
		}
	case scheduler.BuildsCanceled:
		w.cancel(e.Canceled)
	case scheduler.JobsReset:
		w.cancel(e.Builds)
	case scheduler.BuildPaused:
		if b := w.builds[e.Build]; b == nil || b.paused || b.done {
			w.fail("P6 late answers", "build %s paused again", e.Build)
		} else {
			b.paused = true
		}
	case scheduler.BuildResumed:
		if b := w.builds[e.Build]; b == nil || !b.paused || b.resumed || b.done {
			w.fail("P6 late answers", "build %s goes on again", e.Build)
		} else {
			b.resumed = true
		}
	case scheduler.ItemDequeued:
		w.cancel(e.Canceled)
		w.drop(e.Item)
		if it := w.items[e.Item]; it == nil || it.gone {
			w.fail("P12 once", "item %s left twice", e.Item)
		} else {
			if it.stale && e.Result == scheduler.ResultMergeFailure {
				w.fail("P10 tested again", "%s left because its branch had moved", itemsOf(e.Refs))
			}
			it.gone = true
		}
	case scheduler.BuildRequested:
		w.buildRequested(e)
	case scheduler.BuildStarted:
		b := w.builds[e.Build]
		if b == nil || b.started || b.done {
			w.fail("P6 late answers", "build %s started again", e.Build)
			return
		}
		b.started = true
	case scheduler.BuildCompleted:
		b := w.builds[e.Build]
		if b == nil || b.done || b.buildset.gone {
			w.fail("P6 late answers", "build %s completed again", e.Build)
			return
		}
		b.done = true
	case scheduler.ReportRequested:
		owned(w, e.Report)
		r := &reportSeen{e: e}
		w.reports[e.Report] = r
		w.asked = append(w.asked, r)
	case scheduler.ReportCompleted:
		w.reportCompleted(e)
	}
}

func (w *watch) take(id scheduler.EventID) {
	if w.taken[id] && id != "" {
		w.fail("P12 once", "%s was taken twice", id)
	}
	w.taken[id] = true
}

// promised notes what was stored durably: the log must have it in the end.
func (w *watch) promised(ids ...scheduler.EventID) {
	for _, id := range ids {
		if !w.stored[id] {
			w.stored[id] = true
			w.awaited = append(w.awaited, id)
		}
	}
}

func (w *watch) prepareRequested(e scheduler.PrepareRequested) {
	owned(w, e.Buildset)
	it := w.items[e.Item]
	if it == nil || it.gone || it.buildset != nil && !it.buildset.gone {
		w.fail("P3 one build", "item %s gets buildset %s beside another one", e.Item, e.Buildset)
		return
	}
	it.buildset = &buildsetSeen{item: e.Item}
	w.buildsets[e.Buildset] = it.buildset
}

func (w *watch) buildRequested(e scheduler.BuildRequested) {
	owned(w, e.Build)
	job := jobSeen{e.Buildset, scheduler.JobKey{Name: e.Job, Ref: e.Ref}}
	if old := w.live[job]; old != nil && !old.done {
		w.fail("P3 one build", "job %s of buildset %s has two builds", e.Job, e.Buildset)
	}
	b := w.buildsets[e.Buildset]
	if b == nil || b.gone || !b.prepared {
		w.fail("P3 one build", "job %s runs for buildset %s, which is not there", e.Job, e.Buildset)
		return
	}
	w.live[job] = &buildSeen{id: e.Build, buildset: b}
	w.builds[e.Build] = w.live[job]
}

func (w *watch) cancel(builds []scheduler.BuildID) {
	for _, id := range builds {
		if b := w.builds[id]; b != nil {
			b.done, b.canceled = true, true
		}
	}
}

// drop ends the buildset of an item, if it has one.
func (w *watch) drop(id scheduler.ItemID) {
	if it := w.items[id]; it != nil && it.buildset != nil {
		it.buildset.gone = true
	}
}

// reportCompleted holds that changes of a queue merge in its order (P1).
func (w *watch) reportCompleted(e scheduler.ReportCompleted) {
	r := w.reports[e.Report]
	if r == nil || r.done {
		w.fail("P12 once", "report %s completed twice", e.Report)
		return
	}
	r.done = true
	it := w.items[e.Item]
	if it != nil {
		it.stale = e.Stale
	}
	if !e.Merged || it == nil {
		return
	}
	if it.place < w.merged[it.queue] {
		w.fail("P1 order", "item %s merged after one behind it", e.Item)
	}
	w.merged[it.queue] = it.place
}
