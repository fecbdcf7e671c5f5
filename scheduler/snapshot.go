package scheduler

import (
	"encoding/json"
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
