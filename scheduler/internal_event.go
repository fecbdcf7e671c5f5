package scheduler

import (
	"fmt"
	"slices"
)

// The tenant triggers itself where a pipeline asks for that (Zuul documentation,
// "Zuul driver").

// Landing is a merge of which the other changes of the projects are still to
// be told.
type Landing struct {
	Report   ReportID
	Projects []ProjectName
}

// listens reports whether some pipeline has a trigger for an internal event.
// Those of enqueued parents name the pipelines that they come from.
func (l *Layout) listens(event string, from PipelineName) bool {
	for i := range l.Pipelines {
		for _, f := range l.Pipelines[i].Triggers {
			if f.Connection == ZuulConnection && matchAny(f.Types, event) && (from == "" || matchAny(f.Pipelines, string(from))) {
				return true
			}
		}
	}
	return false
}

// announce tells those who wait for a parent to be enqueued: the changes that
// need one of the item.
func (t *turn) announce(it *Item) {
	from := it.Queue.Pipeline.Config.Name
	if !t.s.Layout.listens(EventParentEnqueued, from) {
		return
	}
	for _, r := range it.Refs {
		if !r.IsChange() {
			continue
		}
		for _, k := range slices.Clone(t.s.dependents[r.Key()]) {
			c := t.s.Changes[k]
			if c == nil || !c.Open || c.Merged || it.holds(k) {
				continue
			}
			t.emit(TriggerReceived{Trigger: TriggerEvent{
				ID: EventID(t.ids.next()), Connection: ZuulConnection, Type: EventParentEnqueued,
				Ref: c.Ref, Pipeline: from, Time: t.m.Time,
			}})
		}
	}
}

// landed notes whose open changes must be told of a merge. It looks at the
// item before it leaves.
func (s *State) landed(e ReportCompleted) {
	it := s.items[e.Item]
	if it == nil || s.Layout == nil || !s.Layout.listens(EventProjectMerged, "") {
		return
	}
	l := Landing{Report: e.Report}
	for _, r := range it.Refs {
		if (e.Merged || slices.Contains(e.MergedChanges, r.Key())) && r.IsChange() && !slices.Contains(l.Projects, r.Project) {
			l.Projects = append(l.Projects, r.Project)
		}
	}
	if len(l.Projects) > 0 {
		s.Landed = append(s.Landed, l)
	}
}

// decideOpen turns the open changes of the projects into events.
func decideOpen(s *State, m Meta, c FoundOpenChanges) ([]Event, error) {
	if !slices.ContainsFunc(s.Landed, func(l Landing) bool { return l.Report == c.Report }) {
		return nil, late(c.Report)
	}
	events := []Event{LandingTold{Report: c.Report}}
	facts := c.Changes
	for i, k := range c.Open {
		j := slices.IndexFunc(c.Changes, func(x Change) bool { return x.Key() == k })
		if j < 0 {
			continue
		}
		events = append(events, TriggerReceived{Trigger: TriggerEvent{
			ID: EventID(fmt.Sprintf("%s-%d", c.Report, i)), Connection: ZuulConnection, Type: EventProjectMerged,
			Ref: c.Changes[j].Ref, Changes: facts, Time: m.Time,
		}})
		facts = nil // once is enough: they are handled in order
	}
	return events, nil
}

func (s *State) landingTold(e LandingTold) {
	s.Landed = slices.DeleteFunc(s.Landed, func(l Landing) bool { return l.Report == e.Report })
}

// landingEffect asks for the open changes of a landing, or nothing.
func landingEffect(s *State, report ReportID) []Effect {
	for _, l := range s.Landed {
		if l.Report == report {
			return []Effect{FindOpenChanges{Tenant: s.Tenant, Report: l.Report, Projects: l.Projects}}
		}
	}
	return nil
}
