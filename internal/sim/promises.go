package sim

import (
	"reflect"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// cause holds that an effect follows from the log: it is asked for only after
// what asks for it is durable.
func (w *watch) cause(f scheduler.Effect) {
	known := false
	switch f := f.(type) {
	case scheduler.LoadLayout:
		known = f.Request <= w.requested
	case scheduler.PrepareItem:
		known = w.buildsets[f.Buildset] != nil
	case scheduler.StartBuild:
		known = w.builds[f.Build] != nil
	case scheduler.ResumeBuild:
		known = w.builds[f.Build] != nil && w.builds[f.Build].resumed
	case scheduler.FindArtifacts:
		known = w.buildsets[f.Buildset] != nil
	case scheduler.AcquireSemaphores:
		known = w.asks[string(f.Ask)]
	case scheduler.ReleaseSemaphores:
		known = w.asks[string(f.Ask)]
	case scheduler.RequestNodes:
		known = w.asks[string(f.Request)]
	case scheduler.RankNodes:
		known = w.asks[string(f.Request)]
	case scheduler.ReleaseNodes:
		known = w.asks[string(f.Request)]
	case scheduler.ReleaseHold:
		known = w.builds[f.Build] != nil
	case scheduler.CancelBuild:
		known = w.builds[f.Build] != nil && w.builds[f.Build].canceled
	case scheduler.Report:
		known = w.reports[f.Report] != nil
	}
	if !known {
		w.fail("commit before effect", "a %T is asked that the log does not know", f)
	}
}

// acknowledged holds that an answer which counts as decided is: it has nothing
// left to say to what the log folds to.
func (w *watch) acknowledged(c scheduler.Command) {
	switch c.(type) {
	case scheduler.LoadedLayout, scheduler.LostExecutor:
		return // it counts each time, and what it says may become true again
	}
	events, err := scheduler.Decide(w.t.folded, scheduler.Meta{Time: w.t.s.now}, c)
	if err == nil && slices.ContainsFunc(events, news) {
		w.fail("P6 durable before acknowledged", "a %T was acknowledged and is not in the log", c)
	}
}

// news reports whether an event is more than that a late answer is given back.
func news(e scheduler.Event) bool {
	switch e.(type) {
	case scheduler.NodesReleased, scheduler.SemaphoresReleased:
		return false
	}
	return true
}

// rooted are events that something else than the result of a build is behind.
func rooted(e scheduler.Event) bool {
	switch e.(type) {
	case scheduler.TriggerHandled, scheduler.TriggerReceived, scheduler.EnqueueReceived, scheduler.DequeueReceived,
		scheduler.LayoutLoaded, scheduler.ReconfigureRequested, scheduler.ReportCompleted, scheduler.ItemPrepared,
		scheduler.ItemEnqueued, scheduler.ChangeUpdated, scheduler.PromoteReceived, scheduler.QueuesControlled,
		scheduler.ResultHandled, scheduler.ItemRequeued, scheduler.NodesFailed, scheduler.NodesProvided:
		return true
	}
	return false
}

// undisturbed holds that results of builds alone never restart what is ahead of
// them, nor anything in another queue (P5).
func (w *watch) undisturbed(events []scheduler.Event) {
	if slices.ContainsFunc(events, rooted) {
		return
	}
	first := map[scheduler.QueueID]int{}
	for _, e := range events {
		var of scheduler.ItemID
		switch e := e.(type) {
		case scheduler.BuildCompleted:
			of = e.Item
		case scheduler.BuildFailing:
			of = e.Item
		}
		if it := w.items[of]; it != nil {
			if at, ok := first[it.queue]; !ok || it.place < at {
				first[it.queue] = it.place
			}
		}
	}
	for _, e := range events {
		r, ok := e.(scheduler.BuildsetReset)
		if !ok || w.items[r.Item] == nil {
			continue
		}
		if at, ok := first[w.items[r.Item].queue]; !ok || w.items[r.Item].place < at {
			w.fail("P5 items ahead", "a result restarted %s, which is not behind it", r.Item)
		}
	}
}

// noteNeeds remembers what the changes needed whose landing was just asked for.
func (w *watch) noteNeeds(events []scheduler.Event) {
	for _, e := range events {
		r, ok := e.(scheduler.ReportRequested)
		if !ok || !r.Submit {
			continue
		}
		for _, ref := range r.Refs {
			if c := w.t.folded.Changes[ref.Key()]; c != nil {
				for _, n := range c.Needs {
					w.reports[r.Report].needs = append(w.reports[r.Report].needs, n.Change)
				}
			}
		}
	}
}

// landing holds, at the moment when changes land, that the tested state is what
// lands and passed every voting job (P2), and that what they need is there (P13).
func (w *watch) landing(f scheduler.Report) {
	r := w.reports[f.Report]
	it := w.t.folded.Item(f.Item)
	switch {
	case r == nil || !r.e.Submit:
		w.fail("commit before effect", "report %s lands changes and the log does not ask for it", f.Report)
		return
	case r.done || it == nil || it.Buildset == nil || it.Buildset.ID != f.Buildset:
		w.fail("P2 tested is merged", "%s lands for a buildset that is over", itemsOf(f.Refs))
		return
	case !reflect.DeepEqual(f.State, it.Buildset.State):
		w.fail("P2 tested is merged", "%s lands another state than that of its buildset", itemsOf(f.Refs))
	}
	for _, run := range it.Buildset.Jobs {
		if run.Job.Voting && !run.Job.Noop() && run.Result() != scheduler.ResultSkipped {
			w.passed(f, run)
		}
	}
	for _, k := range r.needs {
		together := func(x scheduler.Ref) bool { return x.Key() == k }
		if d := w.t.forge.change(k); d != nil && !d.Merged && !slices.ContainsFunc(f.Refs, together) {
			w.fail("P13 needs", "%s lands before %s, which it needs", itemsOf(f.Refs), k)
		}
	}
}

// passed looks among what executors really ran for the build that lets f land.
func (w *watch) passed(f scheduler.Report, run *scheduler.JobRun) {
	if run.Build == nil || run.Build.Result != scheduler.ResultSuccess {
		w.fail("P2 tested is merged", "%s lands and did not pass %s", itemsOf(f.Refs), run.Job.Name)
		return
	}
	if !slices.ContainsFunc(w.t.ran[run.Build.ID], func(x ran) bool {
		return x.result == scheduler.ResultSuccess && x.f.Job.Name == run.Job.Name && reflect.DeepEqual(x.f.State, f.State)
	}) {
		w.fail("P2 tested is merged", "%s lands as what no executor ran %s on", itemsOf(f.Refs), run.Job.Name)
	}
}
