package scheduler

import "slices"

// reportStart tells once per item that its jobs begin.
func (t *turn) reportStart(it *Item) {
	if it.StartReported || it.Quiet || len(it.Buildset.Jobs) == 0 {
		return
	}
	t.reportPhase(it, ActionStart)
}

// reportPhase runs the reporters of a phase that does not end the item.
func (t *turn) reportPhase(it *Item, a Action) {
	rs := it.Queue.Pipeline.Config.reporters(a)
	if len(rs) == 0 || it.Queue.Pipeline.Disabled {
		return
	}
	t.emit(t.report(it, a, rs, "", t.message(it, a)))
}

// report fills a request from the item; callers set what a final one needs.
func (t *turn) report(it *Item, a Action, rs []Reporter, result Result, message string) ReportRequested {
	e := ReportRequested{
		Report: ReportID(t.ids.next()), Item: it.ID, Pipeline: it.Queue.Pipeline.Config.Name, Action: a,
		Refs: it.Refs, Reporters: rs, Result: result, Message: message, Time: t.m.Time,
	}
	if it.Buildset != nil {
		e.Buildset = it.Buildset.ID
	}
	return e
}

// reporters of an action; merge conflicts and configuration errors are told as
// failures unless the pipeline says otherwise.
func (p *PipelineConfig) reporters(a Action) []Reporter {
	rs := p.Reporters[a]
	if len(rs) == 0 && (a == ActionMergeConflict || a == ActionConfigError) {
		rs = p.Reporters[ActionFailure]
	}
	return rs
}

// outcome decides the item's result (Zuul semantics, section 9).
func (b *Buildset) outcome() (Result, Action) {
	switch {
	case !b.InPipeline && len(b.ConfigErrors) == 0 && !b.Conflict:
		return ResultNoJobs, ActionNoJobs
	case len(b.ConfigErrors) > 0:
		return ResultConfigError, ActionConfigError
	case b.Conflict:
		return ResultMergeConflict, ActionMergeConflict
	case len(b.Jobs) == 0:
		return ResultNoJobs, ActionNoJobs
	case b.succeeded():
		return ResultSuccess, ActionSuccess
	}
	return ResultFailure, ActionFailure
}

// succeeded reports whether every voting job passed and not all were skipped.
func (b *Buildset) succeeded() bool {
	skipped := 0
	for _, r := range b.Jobs {
		if r.Result() == ResultSkipped {
			skipped++
		}
		if r.Job.Voting && (r.failed() || !r.Done()) {
			return false
		}
	}
	return skipped < len(b.Jobs)
}

// reportIfDone ends an item that has all its results and nothing live ahead.
func (t *turn) reportIfDone(it *Item) {
	b := it.Buildset
	if !it.Live || it.liveAhead() != nil || b == nil || !b.done() || it.gone {
		return
	}
	p := it.Queue.Pipeline
	result, action := b.outcome()
	message := t.message(it, action)
	action, rs := p.told(action, b.InPipeline)
	if it.Queue.Pipeline.Config.Manager == Dependent && result == ResultSuccess {
		e := t.finalReport(it, action, rs, result, message)
		e.Submit = slices.ContainsFunc(rs, func(r Reporter) bool { return r.Submit })
		t.emit(e)
		t.count(p, result)
		return // ReportCompleted goes on
	}
	if len(rs) > 0 {
		t.emit(t.finalReport(it, action, rs, result, message))
	}
	t.count(p, result)
	if it.Queue.Pipeline.Config.Manager == Dependent {
		t.shrinkWindow(it.Queue)
	}
	t.dequeueFailed(it, result, message, "reported "+string(result))
}

func (t *turn) finalReport(it *Item, a Action, rs []Reporter, result Result, message string) ReportRequested {
	e := t.report(it, a, rs, result, message)
	e.Final = true
	e.Builds = t.summaries(it)
	return e
}

// dequeueFailed removes an item that is over. In a dependent queue whatever
// still builds on it must be tested without it.
func (t *turn) dequeueFailed(it *Item, result Result, message, reason string) {
	if it.Queue.Pipeline.Config.Manager == Dependent {
		for _, b := range slices.Clone(it.Behind) {
			t.reset(b, it.Refs[0].ID()+" ahead of it did not merge")
		}
	}
	t.dequeue(it, result, message, reason)
}

// reportCompleted goes on with an item whose final report held it.
func (t *turn) reportCompleted(e ReportCompleted) {
	it := t.s.items[e.Item]
	if it == nil || it.Report != e.Report {
		return
	}
	switch {
	case e.Merged:
		t.learnMerged(it, it.Refs)
		t.growWindow(it.Queue)
		t.dequeue(it, ResultSuccess, t.message(it, ActionSuccess), "merged")
	case e.Stale:
		t.resetFor(it, "a branch moved under the tested state: "+e.Detail, Blame{})
	default:
		t.learnMerged(it, slices.DeleteFunc(slices.Clone(it.Refs), func(r Ref) bool { return !slices.Contains(e.MergedChanges, r.Key()) }))
		t.mergeFailed(it, e.Detail)
	}
}

// learnMerged notes what the source just did, before it says so itself: the
// changes behind must not miss the one they need.
func (t *turn) learnMerged(it *Item, refs []Ref) {
	for _, r := range refs {
		if c := t.s.Changes[r.Key()]; c != nil && !c.Merged {
			merged := *c
			merged.Merged, merged.Open = true, false
			t.emit(ChangeUpdated{Change: merged})
		}
	}
}

// mergeFailed ends an item whose jobs passed but which the source refused to
// merge. The window keeps its size: the tests were not wrong.
func (t *turn) mergeFailed(it *Item, detail string) {
	t.setFailing(it, failingMerge)
	text := "This change was not merged by the code review system."
	if detail != "" {
		text += "\n\n" + detail
	}
	if len(it.Refs) > 1 {
		text = cycleFailed + "\n\n" + text + "\n\n" + t.jobLines(it) + "\n" + related(it)
	}
	message := t.note(it, text)
	// A disabled pipeline asked for no merge and has told all there is to tell.
	if rs := it.Queue.Pipeline.Config.reporters(ActionFailure); len(rs) > 0 && !it.Queue.Pipeline.Disabled {
		t.emit(t.finalReport(it, ActionFailure, rs, ResultMergeFailure, message))
	}
	t.dequeueFailed(it, ResultMergeFailure, message, "the source did not merge it")
}

// dequeueUnmet ends an item that lost a requirement or a change it needs.
func (t *turn) dequeueUnmet(it *Item, text string) {
	message := t.note(it, text)
	if action, rs := it.Queue.Pipeline.told(ActionFailure, true); it.Live && len(rs) > 0 {
		t.emit(t.finalReport(it, action, rs, ResultFailure, message))
	}
	if it.Live && it.Queue.Pipeline.Config.Manager == Dependent {
		t.shrinkWindow(it.Queue)
	}
	t.leaving = leaving{it, text}
	for _, b := range slices.Clone(it.Behind) {
		t.reset(b, it.Refs[0].ID()+" ahead of it left the queue")
	}
	t.dequeue(it, ResultFailure, message, text)
}

// removable reports whether a live item may still be taken out. While its
// final report is under way the source may be merging it: what comes of that
// decides.
func (it *Item) removable() bool { return it.Live && !it.gone && it.Report == "" }

// remove takes an item out without a verdict; what builds on it is reset.
// Dequeue reporters hear it when the start was reported.
func (t *turn) remove(it *Item, reason string) {
	message := ""
	if rs := it.Queue.Pipeline.Config.reporters(ActionDequeue); it.Live && it.StartReported && !it.Queue.Pipeline.Disabled && len(rs) > 0 {
		message = t.message(it, ActionDequeue)
		t.emit(t.finalReport(it, ActionDequeue, rs, ResultDequeued, message))
	}
	t.leaving = leaving{it, reason}
	for _, b := range slices.Clone(it.Behind) {
		t.reset(b, it.Refs[0].ID()+" ahead of it left the queue")
	}
	t.dequeue(it, ResultDequeued, message, reason)
}

func (t *turn) dequeue(it *Item, result Result, message, reason string) {
	e := ItemDequeued{
		Item: it.ID, Pipeline: it.Queue.Pipeline.Config.Name, Refs: it.Refs,
		Result: result, Message: message, Reason: reason, Time: t.m.Time,
	}
	if it.Buildset != nil {
		e.Buildset = it.Buildset.ID
		e.Canceled, e.Running = it.Buildset.open()
	}
	if result == ResultFailure {
		e.Detail = t.unmergeableNow(it)
	}
	q := it.Queue
	t.leaving = leaving{}
	t.emit(e)
	t.dropEmpty(q)
}

// reportRefusal tells a change that it can't be enqueued, without an item.
func (t *turn) reportRefusal(p *Pipeline, r Ref, reason string) {
	rs := p.Config.reporters(ActionFailure)
	if len(rs) == 0 {
		return
	}
	about := fields{pipeline: p.Config.Name, refs: []Ref{r}, itemURL: r.URL, statusURL: t.s.Layout.WebRoot + "status"}
	message := paragraphs([]string{about.fill(p.Config.text(ActionFailure)), reason, about.fill(p.Config.Footer)})
	t.emit(ReportRequested{
		Report: ReportID(t.ids.next()), Pipeline: p.Config.Name, Action: ActionFailure, Refs: []Ref{r},
		Reporters: rs, Result: ResultFailure, Message: message, Time: t.m.Time,
	})
}

// enqueueCommand and dequeueCommand carry out what an operator asked for.
func (t *turn) enqueueCommand(c *EnqueueRef) {
	t.learn(c.Changes)
	p := t.s.Pipeline(c.Pipeline)
	if p == nil || t.s.Layout.Pipeline(c.Pipeline) == nil {
		t.emit(EnqueueRefused{Pipeline: c.Pipeline, Ref: c.Ref, Reason: "unknown pipeline", Event: c.ID})
		return
	}
	cause := "enqueued by " + c.Actor
	if c.Reason != "" {
		cause += ": " + c.Reason
	}
	t.add(p, enqueueing{ref: c.Ref, live: true, force: true, event: c.ID, eventTime: t.m.Time, cause: cause})
}

func (t *turn) dequeueCommand(c *DequeueRef) {
	reason := "dequeued by " + c.Actor
	if c.Reason != "" {
		reason += ": " + c.Reason
	}
	if p := t.s.Pipeline(c.Pipeline); p != nil {
		for _, q := range slices.Clone(p.Queues) {
			for _, it := range q.Items {
				if it.removable() && slices.ContainsFunc(it.Refs, c.names) {
					t.remove(it, reason)
					return
				}
			}
		}
	}
	t.emit(CommandIgnored{Command: "DequeueRef", Subject: c.Ref.String(), Reason: "not in pipeline " + string(c.Pipeline) + ", or being reported already"})
}

// names reports whether the command means the ref of an item.
func (c *DequeueRef) names(r Ref) bool {
	if r.Project != c.Ref.Project {
		return false
	}
	if c.Ref.IsChange() {
		return r.Number == c.Ref.Number && r.Patchset == c.Ref.Patchset
	}
	return !r.IsChange() && r.Ref == c.Ref.Ref
}
