package scheduler

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// Restore decodes a snapshot. Every item counts as touched, so that the next
// settle finds what must go on.
func Restore(data []byte) (*State, error) {
	var d snapshot
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("decode snapshot: %w", err)
	}
	if d.Version != SnapshotVersion {
		return nil, fmt.Errorf("snapshot has version %d, not %d", d.Version, SnapshotVersion)
	}
	s := NewState(d.Tenant)
	s.Layout, s.LayoutErrors, s.ReconfiguredAt = d.Layout, d.LayoutErrors, d.ReconfiguredAt
	s.Requested, s.Loaded, s.Inbox, s.Reports, s.ordinal = d.Requested, d.Loaded, d.Inbox, d.Reports, d.Ordinal
	s.Control, s.Results, s.Landed = d.Control, d.Results, d.Landed
	s.Autoholds, s.AutoholdsMade = d.Autoholds, d.AutoholdsMade
	for name, holders := range d.Holders {
		s.Holders[name] = holders
	}
	for _, id := range d.Recent {
		s.recent.add(id)
	}
	for _, c := range d.Changes {
		s.changeUpdated(*c)
	}
	for _, p := range d.Pipelines {
		if err := s.restorePipeline(p, d.Graphs); err != nil {
			return nil, err
		}
	}
	s.reindex()
	s.markAll()
	return s, nil
}

func (s *State) restorePipeline(d snapPipeline, graphs map[Hash]*JobGraph) error {
	p := &Pipeline{Config: d.Config, Failures: d.Failures, Disabled: d.Disabled}
	if p.Config == nil {
		if p.Config = s.Layout.Pipeline(d.Name); p.Config == nil {
			return fmt.Errorf("restore snapshot: pipeline %q is not in its layout", d.Name)
		}
	}
	s.Pipelines = append(s.Pipelines, p)
	for _, sq := range d.Queues {
		q := &Queue{ID: sq.ID, Pipeline: p, Name: sq.Name, Branch: sq.Branch, Dynamic: sq.Dynamic, Window: sq.Window, ordinal: sq.Ordinal}
		p.Queues = append(p.Queues, q)
		s.queues[q.ID] = q
		for _, si := range sq.Items {
			if err := s.restoreItem(q, si, graphs); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *State) restoreItem(q *Queue, d snapItem, graphs map[Hash]*JobGraph) error {
	it := &Item{
		ID: d.ID, Queue: q, Refs: d.Refs, Live: d.Live, Quiet: d.Quiet, Event: d.Event, EventTime: d.EventTime,
		EnqueuedAt: d.EnqueuedAt, Cause: d.Cause, Trigger: d.Trigger, Data: d.Data, Failing: d.Failing,
		StartReported: d.StartReported, Report: d.Report, Resets: d.Resets, ordinal: d.Ordinal,
	}
	q.Items = append(q.Items, it)
	s.items[it.ID] = it
	if d.Ahead != "" {
		ahead := s.items[d.Ahead]
		if ahead == nil {
			return fmt.Errorf("restore snapshot: item %s is behind %s, which is not before it", d.ID, d.Ahead)
		}
		it.link(ahead)
	}
	if d.Buildset != nil {
		return s.restoreBuildset(it, d.Buildset, graphs)
	}
	return nil
}

func (s *State) restoreBuildset(it *Item, d *snapBuildset, graphs map[Hash]*JobGraph) error {
	b := &Buildset{
		ID: d.ID, Item: it, RequestedAt: d.RequestedAt, PreparedAt: d.PreparedAt, Prepared: d.Prepared,
		Conflict: d.Conflict, Detail: d.Detail, State: d.State, ConfigErrors: d.ConfigErrors, Warnings: d.Warnings, Debug: d.Debug,
		InPipeline: d.InPipeline, Base: d.Base, Graph: graphs[d.Graph], Lookups: d.Lookups,
	}
	it.Buildset = b
	if b.Graph == nil {
		return nil
	}
	if len(d.Jobs) != len(b.Graph.Jobs) {
		return fmt.Errorf("restore snapshot: buildset %s has %d jobs, its graph %d", d.ID, len(d.Jobs), len(b.Graph.Jobs))
	}
	for i, sr := range d.Jobs {
		r := &JobRun{
			Job: &b.Graph.Jobs[i], Tries: sr.Tries, Semaphores: sr.Semaphores, Build: sr.Build.build(b),
			Ask: sr.Ask, Request: sr.Request, Alternative: sr.Alternative,
		}
		for _, old := range sr.Retried {
			r.Retried = append(r.Retried, old.build(b))
		}
		if r.Build != nil {
			s.builds[r.Build.ID] = r.Build
		}
		b.Jobs = append(b.Jobs, r)
	}
	b.linkJobs()
	return nil
}

func (d *snapBuild) build(b *Buildset) *Build {
	if d == nil {
		return nil
	}
	return &Build{
		ID: d.ID, Buildset: b, Job: d.Job, Ref: d.Ref, Attempt: d.Attempt, RequestedAt: d.RequestedAt, StartedAt: d.StartedAt,
		CompletedAt: d.CompletedAt, Executor: d.Executor, Result: d.Result, Detail: d.Detail, LogURL: d.LogURL,
		PausedAt: d.PausedAt, ResumedAt: d.ResumedAt, Failing: d.Failing, Returned: d.Returned, Artifacts: d.Artifacts,
		Playbook: d.Playbook,
	}
}

// reindex rebuilds what is derived from the items, in order of enqueueing.
func (s *State) reindex() {
	var all []*Item
	s.eachItem(func(it *Item) { all = append(all, it) })
	slices.SortFunc(all, func(a, b *Item) int { return cmp.Compare(a.ordinal, b.ordinal) })
	for _, it := range all {
		for _, r := range it.Refs {
			if r.IsChange() {
				s.holding[r.Key()] = append(s.holding[r.Key()], it)
			}
		}
		s.indexNeeds(it)
		if it.Buildset == nil {
			continue
		}
		s.indexRequires(it)
		it.countHolding(1)
		for _, r := range it.Buildset.Jobs {
			s.indexSemaphores(it, r.Job)
			if r.Request != nil {
				s.requests[r.Request.ID] = nodeDemand{it, r}
			}
		}
	}
}
