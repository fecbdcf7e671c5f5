package scheduler

import (
	"fmt"
	"time"
)

// Decide says which facts follow at once from a command. It only reads s. A
// refusal is a *Rejection; late, duplicate and reordered commands are normal
// and end as one. What the facts entail is for Settle.
func Decide(s *State, m Meta, c Command) ([]Event, error) {
	if s.Control.ResultPaused {
		return decideWhilePaused(s, m, c)
	}
	return decide(s, m, c)
}

func decide(s *State, m Meta, c Command) ([]Event, error) {
	switch c := c.(type) {
	case TriggerEvent:
		return decideTrigger(s, m, c)
	case EnqueueRef:
		if s.recent.has(c.ID) {
			return nil, duplicate(c.ID)
		}
		return []Event{EnqueueReceived{Enqueue: c}}, nil
	case DequeueRef:
		if s.recent.has(c.ID) {
			return nil, duplicate(c.ID)
		}
		return []Event{DequeueReceived{Dequeue: c}}, nil
	case FoundOpenChanges:
		return decideOpen(s, m, c)
	case ControlQueues:
		return decideControl(s, m, c)
	case PromoteRefs:
		if s.recent.has(c.ID) {
			return nil, duplicate(c.ID)
		}
		return []Event{PromoteReceived{Promote: c}}, nil
	case Reconfigure:
		return []Event{ReconfigureRequested{Request: s.Requested + 1, Reason: c.Reason, Time: m.Time}}, nil
	case LoadedLayout:
		if c.Request < s.Loaded {
			return nil, &Rejection{Code: "conflict", Message: "a newer layout is loaded", Subject: fmt.Sprint(c.Request)}
		}
		return []Event{LayoutLoaded{Request: c.Request, Layout: c.Layout, Errors: c.Errors, Time: m.Time}}, nil
	case PreparedItem:
		return decidePrepared(s, m, c)
	case StartedBuild:
		return decideStarted(s, m, c)
	case CompletedBuild:
		return decideCompleted(s, m, c)
	case PausedBuild:
		return decidePaused(s, m, c)
	case FailingBuild:
		return decideFailing(s, m, c)
	case FoundArtifacts:
		return decideFound(s, m, c)
	case LostExecutor:
		return decideLost(s, m, c), nil
	case CompletedReport:
		return decideReported(s, m, c)
	}
	return decideResource(s, m, c)
}

func duplicate(id EventID) error {
	return &Rejection{Code: "conflict", Message: "already taken", Subject: string(id)}
}

func late(subject any) error {
	return &Rejection{Code: "not_found", Message: "no longer awaited", Subject: fmt.Sprint(subject)}
}

// decideTrigger lets configuration changes ask for a reconfiguration first:
// this event and all later ones then wait for a layout that has it (Zuul
// semantics: minimum reconfigure time).
func decideTrigger(s *State, m Meta, c TriggerEvent) ([]Event, error) {
	if s.recent.has(c.ID) {
		return nil, duplicate(c.ID)
	}
	events := []Event{TriggerReceived{Trigger: c}}
	// How many branches a project has decides what its jobs match, so that a
	// new or deleted branch counts even without configuration in it.
	if c.reconfigures() && !s.Control.TriggerPaused && !s.Control.TriggerDiscarding {
		reason := fmt.Sprintf("%s of %s changed", c.Ref.Ref, c.Ref.Name)
		r := ReconfigureRequested{Request: s.Requested + 1, Reason: reason, Time: m.Time}
		events = []Event{r, events[0]}
	}
	return events, nil
}

// reconfigures reports whether the event may change the configuration.
func (c *TriggerEvent) reconfigures() bool {
	return !c.Unread && (c.BranchCreated || c.BranchDeleted || c.BranchUpdated && c.ConfigChanged)
}

func decidePrepared(s *State, m Meta, c PreparedItem) ([]Event, error) {
	it := s.items[c.Item]
	if it == nil || it.Buildset == nil || it.Buildset.ID != c.Buildset || it.Buildset.Prepared {
		return nil, late(c.Buildset)
	}
	return []Event{ItemPrepared{
		Item: c.Item, Buildset: c.Buildset, Conflict: c.Conflict, Detail: c.Detail, State: c.State,
		ConfigErrors: c.ConfigErrors, Warnings: c.Warnings, InPipeline: c.InPipeline, Graph: c.Graph, Debug: c.Debug, Time: m.Time,
		Left: c.Left,
	}}, nil
}

func decideStarted(s *State, m Meta, c StartedBuild) ([]Event, error) {
	b := s.builds[c.Build]
	if b == nil || b.Result != "" || !b.StartedAt.IsZero() {
		return nil, late(c.Build)
	}
	return []Event{BuildStarted{Build: c.Build, Executor: c.Executor, Time: orNow(c.Time, m)}}, nil
}

func decideCompleted(s *State, m Meta, c CompletedBuild) ([]Event, error) {
	b := s.builds[c.Build]
	if b == nil || b.Result != "" {
		return nil, late(c.Build)
	}
	if err := b.ranBy(c.Executor); err != nil {
		return nil, err
	}
	return completeBuild(b, c, orNow(c.Time, m)), nil
}

// completeBuild applies the result table (Zuul semantics, "Build result
// processing"): no result is a retry while attempts are left, an abort that
// nobody asked for always is one.
func completeBuild(b *Build, c CompletedBuild, at time.Time) []Event {
	run := b.Buildset.job(b.Key())
	r, retry := c.Result, false
	if b.Failing && r == ResultSuccess {
		r = ResultFailure // it was announced, and others have acted on it
	}
	switch r {
	case "", ResultRetry:
		r, retry = ResultRetry, limitedTries(run)+1 < run.Job.Attempts
		if !retry {
			r = ResultRetryLimit
		}
	case ResultMergeConflict:
		retry = limitedTries(run)+1 < run.Job.Attempts
	case ResultAborted:
		retry = true
	}
	events := []Event{BuildCompleted{
		Build: b.ID, Item: b.Buildset.Item.ID, Buildset: b.Buildset.ID, Job: b.Job, Ref: b.Ref,
		Result: r, Detail: c.Detail, LogURL: c.LogURL, Retry: retry, Returned: c.Returned, Time: at,
	}}
	if retry {
		events = append(events, b.resetDescendants(at)...)
	}
	return events
}

// limitedTries counts the retried builds that use up attempts.
func limitedTries(r *JobRun) int {
	n := 0
	for _, b := range r.Retried {
		if b.Result != ResultAborted {
			n++
		}
	}
	return n
}

func decideLost(s *State, m Meta, c LostExecutor) []Event {
	var events []Event
	reset := map[BuildID]bool{} // with a paused build that was lost
	s.eachBuild(func(b *Build) {
		if b.Result != "" || b.StartedAt.IsZero() || b.Executor != c.Executor || reset[b.ID] {
			return
		}
		lost := CompletedBuild{Result: ResultAborted, Detail: "executor lost"}
		for _, e := range completeBuild(b, lost, m.Time) {
			if e, ok := e.(JobsReset); ok {
				for _, id := range e.Builds {
					reset[id] = true
				}
			}
			events = append(events, e)
		}
	})
	return events
}

func decideReported(s *State, m Meta, c CompletedReport) ([]Event, error) {
	for _, r := range s.Reports {
		if r.Report == c.Report {
			return []Event{ReportCompleted{
				Report: c.Report, Item: r.Item, Merged: c.Merged, Stale: c.Stale, Detail: c.Detail, MergedChanges: c.MergedChanges, Time: m.Time,
			}}, nil
		}
	}
	return nil, late(c.Report)
}

func orNow(t time.Time, m Meta) time.Time {
	if t.IsZero() {
		return m.Time
	}
	return t
}

// eachBuild visits the builds of current buildsets in a fixed order.
func (s *State) eachBuild(visit func(*Build)) {
	s.eachItem(func(it *Item) {
		if it.Buildset == nil {
			return
		}
		for _, r := range it.Buildset.Jobs {
			if r.Build != nil {
				visit(r.Build)
			}
		}
	})
}

func (s *State) eachItem(visit func(*Item)) {
	for _, p := range s.Pipelines {
		for _, q := range p.Queues {
			for _, it := range q.Items {
				visit(it)
			}
		}
	}
}
