package scheduler

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// SnapshotVersion names the format of Snapshot; another version is not
// restored but folded anew from the log.
const SnapshotVersion = 4

// Snapshot encodes the state canonically: equal states give equal bytes.
func Snapshot(s *State) ([]byte, error) {
	d := snapshot{
		Version: SnapshotVersion, Tenant: s.Tenant, Layout: s.Layout, LayoutErrors: s.LayoutErrors,
		ReconfiguredAt: s.ReconfiguredAt, Requested: s.Requested, Loaded: s.Loaded,
		Inbox: s.Inbox, Holders: s.Holders, Reports: s.Reports, Recent: s.recent.list(), Ordinal: s.ordinal,
		Control: s.Control, Results: s.Results, Landed: s.Landed,
		Autoholds: s.Autoholds, AutoholdsMade: s.AutoholdsMade,
		Graphs: map[Hash]*JobGraph{},
	}
	for _, c := range s.Changes {
		d.Changes = append(d.Changes, c)
	}
	slices.SortFunc(d.Changes, func(a, b *Change) int { return compareKeys(a.Key(), b.Key()) })
	for _, p := range s.Pipelines {
		d.Pipelines = append(d.Pipelines, d.pipeline(p, s.Layout))
	}
	return json.Marshal(d)
}

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

// Wake marks every item to be looked at in the next Step, as after a restart.
func (s *State) Wake() { s.markAll() }

type snapshot struct {
	Version           int
	Tenant            TenantName
	Layout            *Layout
	LayoutErrors      int
	ReconfiguredAt    time.Time
	Requested, Loaded uint64
	Changes           []*Change
	Inbox             []InboxEntry
	Holders           map[SemaphoreName][]Holder
	Autoholds         []*Autohold
	AutoholdsMade     int
	Reports           []*ReportRequested
	Control           Control
	Results           []WaitingResult
	Landed            []Landing
	Recent            []EventID
	Ordinal           uint64
	Graphs            map[Hash]*JobGraph
	Pipelines         []snapPipeline
}

type snapPipeline struct {
	Name PipelineName
	// Config is set for a pipeline that left the layout.
	Config *PipelineConfig
	Queues []snapQueue
	// Failures and Disabled as of the pipeline.
	Failures int
	Disabled bool
}

type snapQueue struct {
	ID      QueueID
	Name    QueueName
	Branch  string
	Dynamic bool
	Window  int
	Ordinal uint64
	Items   []snapItem
}

type snapItem struct {
	ID                    ItemID
	Refs                  []Ref
	Live, Quiet           bool
	Ahead                 ItemID
	Event                 EventID
	EventTime, EnqueuedAt time.Time
	Cause                 string
	Trigger               Ref
	Data                  []byte
	Failing               []string
	StartReported         bool
	Report                ReportID
	Resets                int
	Ordinal               uint64
	Buildset              *snapBuildset
}

type snapBuildset struct {
	ID                      BuildsetID
	RequestedAt, PreparedAt time.Time
	Prepared                bool
	Conflict                bool
	Detail                  string
	State                   []RepoCommit
	ConfigErrors, Warnings  []string
	Debug                   []string
	InPipeline              bool
	Graph                   Hash
	Base                    []Ref
	Jobs                    []snapRun
	Lookups                 []Lookup
}

type snapRun struct {
	Tries       int
	Build       *snapBuild
	Retried     []*snapBuild
	Semaphores  []SemaphoreName
	Ask         *Ask
	Request     *NodeRequest
	Alternative int
}

type snapBuild struct {
	ID                                  BuildID
	Job                                 JobName
	Ref                                 int
	Attempt                             int
	RequestedAt, StartedAt, CompletedAt time.Time
	Executor                            ExecutorName
	Result                              Result
	Detail, LogURL                      string
	PausedAt, ResumedAt                 time.Time
	Failing                             bool
	Returned                            *Returned
	Artifacts                           []PassedArtifact
	Playbook                            *PlaybookHold
}

func (d *snapshot) pipeline(p *Pipeline, l *Layout) snapPipeline {
	out := snapPipeline{Name: p.Config.Name, Failures: p.Failures, Disabled: p.Disabled}
	if l.Pipeline(p.Config.Name) == nil {
		out.Config = p.Config
	}
	for _, q := range p.Queues {
		sq := snapQueue{ID: q.ID, Name: q.Name, Branch: q.Branch, Dynamic: q.Dynamic, Window: q.Window, Ordinal: q.ordinal}
		for _, it := range q.Items {
			sq.Items = append(sq.Items, d.item(it))
		}
		out.Queues = append(out.Queues, sq)
	}
	return out
}

func (d *snapshot) item(it *Item) snapItem {
	out := snapItem{
		ID: it.ID, Refs: it.Refs, Live: it.Live, Quiet: it.Quiet, Event: it.Event, EventTime: it.EventTime,
		EnqueuedAt: it.EnqueuedAt, Cause: it.Cause, Trigger: it.Trigger, Data: it.Data, Failing: it.Failing,
		StartReported: it.StartReported, Report: it.Report, Resets: it.Resets, Ordinal: it.ordinal,
	}
	if it.Ahead != nil {
		out.Ahead = it.Ahead.ID
	}
	if b := it.Buildset; b != nil {
		out.Buildset = d.buildset(b)
	}
	return out
}

func (d *snapshot) buildset(b *Buildset) *snapBuildset {
	out := &snapBuildset{
		ID: b.ID, RequestedAt: b.RequestedAt, PreparedAt: b.PreparedAt, Prepared: b.Prepared, Conflict: b.Conflict,
		Detail: b.Detail, State: b.State, ConfigErrors: b.ConfigErrors, Warnings: b.Warnings, Debug: b.Debug,
		InPipeline: b.InPipeline, Base: b.Base, Lookups: b.Lookups,
	}
	if b.Graph != nil {
		out.Graph = b.Graph.Hash
		d.Graphs[b.Graph.Hash] = b.Graph
	}
	for _, r := range b.Jobs {
		run := snapRun{
			Tries: r.Tries, Build: snapOf(r.Build), Semaphores: r.Semaphores, Ask: r.Ask, Request: r.Request, Alternative: r.Alternative,
		}
		for _, old := range r.Retried {
			run.Retried = append(run.Retried, snapOf(old))
		}
		out.Jobs = append(out.Jobs, run)
	}
	return out
}

func snapOf(b *Build) *snapBuild {
	if b == nil {
		return nil
	}
	return &snapBuild{
		ID: b.ID, Job: b.Job, Ref: b.Ref, Attempt: b.Attempt, RequestedAt: b.RequestedAt, StartedAt: b.StartedAt,
		CompletedAt: b.CompletedAt, Executor: b.Executor, Result: b.Result, Detail: b.Detail, LogURL: b.LogURL,
		PausedAt: b.PausedAt, ResumedAt: b.ResumedAt, Failing: b.Failing, Returned: b.Returned, Artifacts: b.Artifacts,
		Playbook: b.Playbook,
	}
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
