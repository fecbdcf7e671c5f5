package web

import (
	"slices"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// renderer makes a status document of a state. Its methods run under the lock
// of the live state and copy all that they need.
type renderer struct {
	cfg    *Config
	layout *scheduler.Layout
	state  *scheduler.State
	busy   bool // some build runs, so times move without commits
}

func (r *renderer) document() *statusDoc {
	doc := &statusDoc{
		ZuulVersion:           r.cfg.Version,
		ConnectionEventQueues: make(map[string]queueLength),
		Pipelines:             make([]statusPipeline, 0, len(r.state.Pipelines)),
		State:                 stateOf(r.state.Control),
	}
	if at := r.state.ReconfiguredAt; !at.IsZero() {
		doc.LastReconfigured = at.UnixMilli()
	}
	asked := make(map[scheduler.PipelineName]int)
	for _, entry := range r.state.Inbox {
		switch {
		case entry.Trigger != nil:
			doc.TriggerEventQueue.Length++
			continue
		case entry.Enqueue != nil:
			asked[entry.Enqueue.Pipeline]++
		case entry.Dequeue != nil:
			asked[entry.Dequeue.Pipeline]++
		case entry.Promote != nil:
			asked[entry.Promote.Pipeline]++
		}
		doc.ManagementEventQueue.Length++
	}
	waiting := make(map[scheduler.PipelineName]int)
	for _, result := range r.state.Results {
		if p := r.state.PipelineOf(result); p != nil {
			waiting[p.Config.Name]++
		}
	}
	for _, p := range r.state.Pipelines {
		out := r.pipeline(p)
		out.ManagementEvents = asked[out.Name]
		out.ResultEvents = waiting[out.Name]
		doc.Pipelines = append(doc.Pipelines, out)
	}
	return doc
}

func (r *renderer) pipeline(p *scheduler.Pipeline) statusPipeline {
	out := statusPipeline{
		Name: p.Config.Name, Description: orNull(p.Config.Description), State: "normal",
		Manager: p.Config.Manager, Triggers: []statusTrigger{}, ChangeQueues: []statusQueue{},
	}
	for _, t := range triggersOf(r.cfg.Connections, p.Config) {
		out.Triggers = append(out.Triggers, statusTrigger{t.Driver})
	}
	for _, q := range p.Queues {
		if len(q.Items) > 0 {
			out.ChangeQueues = append(out.ChangeQueues, r.queue(q))
		}
	}
	return out
}

// triggersOf lists the connections that trigger a pipeline, each once.
func triggersOf(connections []Connection, p *scheduler.PipelineConfig) []Trigger {
	var out []Trigger
	seen := make(map[scheduler.ConnectionName]bool)
	for _, t := range p.Triggers {
		if seen[t.Connection] {
			continue
		}
		seen[t.Connection] = true
		driver := string(t.Connection)
		for _, c := range connections {
			if c.Name == t.Connection {
				driver = c.Driver
			}
		}
		out = append(out, Trigger{Name: string(t.Connection), Driver: driver})
	}
	return out
}

func (r *renderer) queue(q *scheduler.Queue) statusQueue {
	out := statusQueue{Name: q.Name, Window: q.Window, Branch: orNull(q.Branch), Heads: [][]*statusItem{}}
	if q.Dynamic {
		out.Name = ""
	}
	for _, item := range q.Items {
		if item.Ahead == nil || len(out.Heads) == 0 {
			out.Heads = append(out.Heads, nil)
		}
		last := len(out.Heads) - 1
		out.Heads[last] = append(out.Heads[last], r.item(item))
	}
	return out
}

func (r *renderer) item(i *scheduler.Item) *statusItem {
	out := &statusItem{
		ID: i.ID, Active: i.Active(), Live: i.Live, Refs: make([]statusRef, 0, len(i.Refs)),
		ItemsBehind: make([]scheduler.ItemID, 0, len(i.Behind)), FailingReasons: orEmpty(i.Failing),
		EnqueueTime: i.EnqueuedAt.UnixMilli(), Jobs: []statusJob{}, Resets: i.Resets, Cause: i.Cause,
	}
	if i.Ahead != nil {
		out.ItemAhead = orNull(i.Ahead.ID)
	}
	for _, b := range i.Behind {
		out.ItemsBehind = append(out.ItemsBehind, b.ID)
	}
	for _, ref := range i.Refs {
		out.Refs = append(out.Refs, statusRef{
			URL: orNull(ref.URL), Ref: ref.Ref, Project: ref.Name, ProjectCanonical: string(ref.Project),
			Owner: orNull(ref.Owner), ID: orNull(ref.ID()),
		})
	}
	if i.Buildset == nil {
		return out
	}
	out.ZuulRef = orNull("Z" + i.Buildset.ID)
	for _, run := range i.Buildset.Jobs {
		if i.Live {
			out.Jobs = append(out.Jobs, r.job(i, run))
		}
	}
	return out
}

func (r *renderer) job(item *scheduler.Item, run *scheduler.JobRun) statusJob {
	out := statusJob{
		Name: run.Job.Name, Dependencies: make([]scheduler.JobName, 0, len(run.Job.Dependencies)),
		Voting: run.Job.Voting, Queued: run.Build != nil, Tries: run.Tries,
	}
	for _, d := range run.Job.Dependencies {
		if !slices.Contains(out.Dependencies, d.Name) {
			out.Dependencies = append(out.Dependencies, d.Name)
		}
	}
	if len(item.Refs) > 1 {
		out.Ref = item.Refs[run.Job.Ref].ID()
	}
	b := run.Build
	if b == nil || b.StartedAt.IsZero() {
		out.WaitingStatus = orNull(r.state.WaitingStatus(run, item.Buildset))
	}
	if b != nil {
		r.build(&out, item, b)
	}
	return out
}

// build fills in what a job has once it has a build.
func (r *renderer) build(out *statusJob, item *scheduler.Item, b *scheduler.Build) {
	canceled := b.Result == scheduler.ResultCanceled
	retry, paused, failing := b.Result == scheduler.ResultRetry, b.Paused(), b.Failing
	out.Result, out.UUID = orNull(b.Result), orNull(b.ID)
	url := "stream/" + string(b.ID) + "?logfile=console.log"
	if r.cfg.WebsocketURL != "" {
		url += "&websocket_url=" + r.cfg.WebsocketURL
	}
	out.URL, out.ReportURL = &url, orNull(r.webRoot()+"build/"+string(b.ID))
	out.ExecuteTime, out.StartTime, out.EndTime = epoch(b.RequestedAt), epoch(b.StartedAt), epoch(b.CompletedAt)
	out.Pipeline = orNull(item.Queue.Pipeline.Config.Name)
	out.Canceled, out.Paused, out.PreFail, out.Retry = &canceled, &paused, &failing, &retry
	ref := item.Refs[b.Ref]
	out.build = &buildTimes{
		estimate: estimateKey{project: ref.Project, branch: ref.Branch, job: b.Job},
		start:    milli(b.StartedAt), end: milli(b.CompletedAt),
	}
	r.busy = r.busy || out.build.start != 0 && out.build.end == 0
}

func (r *renderer) webRoot() string {
	if r.layout != nil && r.layout.WebRoot != "" {
		return r.layout.WebRoot
	}
	return r.cfg.PublicURL + "/t/" + string(r.state.Tenant) + "/"
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
