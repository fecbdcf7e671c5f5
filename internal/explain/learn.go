package explain

import "github.com/gozer-ci/gozer/scheduler"

// learn remembers what later sentences need of an event. Events that nobody
// refers to later are passed over.
func (w *who) learn(e scheduler.Event) {
	switch e := e.(type) {
	case scheduler.ReconfigureRequested:
		w.requests[e.Request] = e.Reason
	case scheduler.ChangeUpdated:
		w.changes[e.Change.Key()] = e.Change
	case scheduler.QueueCreated:
		w.windows[e.Queue] = e.Window
	case scheduler.WindowResized:
		w.windows[e.Queue] = e.Size
	case scheduler.ItemEnqueued:
		w.items[e.Item] = &member{refs: e.Refs, live: e.Live, pipeline: e.Pipeline, queue: e.Queue}
	case scheduler.ItemDequeued:
		w.leave(e.Item)
	case scheduler.ReportRequested:
		w.reports[e.Report] = e
	case scheduler.ReportCompleted:
		delete(w.reports, e.Report)
	default:
		w.learnBuild(e)
	}
}

// leave notes that an item is gone.
func (w *who) leave(id scheduler.ItemID) {
	if m := w.items[id]; m != nil {
		m.gone = true
	}
}

func (w *who) learnBuild(e scheduler.Event) {
	switch e := e.(type) {
	case scheduler.PrepareRequested:
		w.buildsets[e.Buildset] = e.Item
		if m := w.items[e.Item]; m != nil {
			m.buildset, m.graph, m.last = e.Buildset, nil, map[scheduler.JobKey]*run{}
		}
	case scheduler.ItemPrepared:
		if m := w.items[e.Item]; m != nil {
			m.graph, m.left = e.Graph, e.Left
		}
	case scheduler.BuildsetReset:
		if m := w.items[e.Item]; m != nil {
			m.buildset, m.graph, m.last = "", nil, nil
		}
	case scheduler.BuildsCanceled:
		for _, id := range e.Canceled {
			w.end(id, scheduler.ResultCanceled)
		}
	case scheduler.BuildRequested:
		w.begin(&run{id: e.Build, item: e.Item, set: e.Buildset, job: scheduler.JobKey{Name: e.Job, Ref: e.Ref}, attempt: e.Attempt})
	case scheduler.BuildCompleted:
		w.end(e.Build, e.Result)
	case scheduler.JobsReset:
		w.reset(e)
	case scheduler.JobSkipped:
		w.begin(&run{
			id: e.Build, item: e.Item, set: e.Buildset, job: scheduler.JobKey{Name: e.Job, Ref: e.Ref},
			result: scheduler.ResultSkipped, skipped: true,
		})
	}
}

func (w *who) begin(r *run) {
	w.builds[r.id] = r
	if m := w.items[r.item]; m != nil && m.last != nil {
		m.last[r.job] = r
	}
}

// reset opens jobs again whose builds no longer count.
func (w *who) reset(e scheduler.JobsReset) {
	for _, id := range e.Builds {
		r := w.builds[id]
		if r == nil {
			continue
		}
		if r.result == "" {
			r.result = scheduler.ResultCanceled
		}
		if m := w.items[e.Item]; m != nil && m.last[r.job] == r {
			delete(m.last, r.job)
		}
	}
}

func (w *who) end(id scheduler.BuildID, result scheduler.Result) {
	if r := w.builds[id]; r != nil {
		r.result = result
	}
}
