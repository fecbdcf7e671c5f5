package store_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// epoch is when the histories of the tests begin.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// maker makes random histories of one tenant that could have happened.
type maker struct {
	r       *rand.Rand
	tenant  scheduler.TenantName
	now     time.Time
	serial  int
	items   []*madeItem
	commits []store.Commit
	events  []scheduler.Event
}

type madeItem struct {
	id       scheduler.ItemID
	pipeline scheduler.PipelineName
	refs     []scheduler.Ref
	set      scheduler.BuildsetID
	jobs     []scheduler.FrozenJob
	open     []madeBuild
	done     int
}

type madeBuild struct {
	id      scheduler.BuildID
	job     scheduler.JobName
	attempt int
	started bool
}

func newMaker(seed uint64, tenant scheduler.TenantName) *maker {
	return &maker{r: rand.New(rand.NewPCG(seed, 7)), tenant: tenant, now: epoch}
}

// make adds n commits of random events.
func (m *maker) make(n int) []store.Commit {
	from := len(m.commits)
	for range n {
		m.now = m.now.Add(time.Duration(1+m.r.IntN(5000)) * time.Millisecond)
		for range 1 + m.r.IntN(4) {
			m.step()
		}
		seq := uint64(len(m.commits) + 1)
		m.commits = append(m.commits, store.Commit{Tenant: m.tenant, Seq: seq,
			Hash: hashOf(seq), Time: m.now, Events: m.events})
		m.events = nil
	}
	return m.commits[from:]
}

func hashOf(seq uint64) [32]byte { return [32]byte{byte(seq), byte(seq >> 8), 0xa5} }

func (m *maker) id(kind string) string {
	m.serial++
	return fmt.Sprintf("%s%030x", kind, m.serial)
}

func (m *maker) emit(e scheduler.Event) { m.events = append(m.events, e) }

func pick[T any](m *maker, of ...T) T { return of[m.r.IntN(len(of))] }

func (m *maker) step() {
	if len(m.items) == 0 || (len(m.items) < 12 && m.r.IntN(4) == 0) {
		m.enqueue()
		return
	}
	i := m.items[m.r.IntN(len(m.items))]
	switch {
	case i.set == "":
		m.prepare(i)
	case m.r.IntN(25) == 0:
		m.reset(i)
	case m.r.IntN(60) == 0:
		m.finish(i, scheduler.ResultDequeued)
	case i.done < len(i.jobs) && len(i.open) < 3:
		m.request(i)
	case len(i.open) > 0:
		m.advance(i)
	default:
		m.finish(i, pick(m, scheduler.ResultSuccess, scheduler.ResultSuccess, scheduler.ResultFailure))
	}
}

func (m *maker) ref() scheduler.Ref {
	name := pick(m, "org/one", "org/two", "org/three", "lib/one", "lib/a%b_c")
	r := scheduler.Ref{Connection: "local", Project: scheduler.ProjectName("local/" + name), Name: name,
		Branch: pick(m, "main", "main", "stable/1", "stable/2")}
	switch m.r.IntN(8) {
	case 0:
		r.Ref, r.OldRev, r.NewRev = "refs/heads/"+r.Branch, m.id("00"), m.id("aa")
	case 1:
		r.Ref, r.Branch, r.NewRev = fmt.Sprintf("refs/tags/v%d", m.r.IntN(20)), "", m.id("bb")
	default:
		r.Number, r.Patchset = 1+m.r.IntN(40), 1+m.r.IntN(3)
		r.Ref = fmt.Sprintf("refs/changes/%02d/%d/%d", r.Number%100, r.Number, r.Patchset)
		r.URL = fmt.Sprintf("http://gozer/change/%d", r.Number)
	}
	return r
}

func (m *maker) enqueue() {
	i := &madeItem{id: scheduler.ItemID(m.id("10")),
		pipeline: pick[scheduler.PipelineName](m, "check", "gate", "post"), refs: []scheduler.Ref{m.ref()}}
	if m.r.IntN(10) == 0 {
		i.refs = append(i.refs, m.ref())
	}
	live := m.r.IntN(10) > 0
	m.emit(scheduler.ItemEnqueued{Item: i.id, Queue: "q", Pipeline: i.pipeline, Refs: i.refs, Live: live,
		Event: scheduler.EventID(m.id("e0")), EventTime: m.now.Add(-time.Second), Time: m.now, Cause: "a vote"})
	m.items = append(m.items, i)
	if m.r.IntN(5) == 0 {
		m.emit(scheduler.EnqueueRefused{Pipeline: "gate", Ref: m.ref(), Reason: "not open", Event: "e"})
	}
}

func (m *maker) prepare(i *madeItem) {
	i.set = scheduler.BuildsetID(m.id("50"))
	i.done, i.open, i.jobs = 0, nil, nil
	m.emit(scheduler.PrepareRequested{Item: i.id, Buildset: i.set, Time: m.now})
	p := scheduler.ItemPrepared{Item: i.id, Buildset: i.set, InPipeline: true, Time: m.now}
	switch m.r.IntN(10) {
	case 0:
		p.Conflict, p.Detail = true, "does not merge"
	case 1:
	default:
		for n := range 1 + m.r.IntN(4) {
			i.jobs = append(i.jobs, scheduler.FrozenJob{Name: scheduler.JobName(fmt.Sprintf("job-%d", n)),
				Voting: m.r.IntN(4) > 0, Nodeset: scheduler.Nodeset{Name: pick(m, "", "debian", "fedora")}})
		}
		p.Graph = &scheduler.JobGraph{Hash: "h", Jobs: i.jobs}
	}
	m.emit(p)
	if p.Conflict {
		m.finish(i, scheduler.ResultMergeConflict)
	}
}

func (m *maker) request(i *madeItem) {
	job := i.jobs[i.done].Name
	i.done++
	if m.r.IntN(8) == 0 {
		m.emit(scheduler.JobSkipped{Build: scheduler.BuildID(m.id("b0")), Item: i.id, Buildset: i.set,
			Job: job, Reason: "Skipped due to failed job a", Time: m.now})
		return
	}
	m.start(i, job, 1)
}

func (m *maker) start(i *madeItem, job scheduler.JobName, attempt int) {
	b := madeBuild{id: scheduler.BuildID(m.id("b0")), job: job, attempt: attempt}
	m.emit(scheduler.BuildRequested{Build: b.id, Item: i.id, Buildset: i.set, Job: job, Attempt: attempt, Time: m.now})
	i.open = append(i.open, b)
}

func (m *maker) advance(i *madeItem) {
	n := m.r.IntN(len(i.open))
	b := &i.open[n]
	if !b.started {
		b.started = true
		m.emit(scheduler.BuildStarted{Build: b.id, Executor: "x1", Time: m.now})
		return
	}
	e := scheduler.BuildCompleted{Build: b.id, Item: i.id, Buildset: i.set, Job: b.job, Time: m.now,
		Result: pick(m, scheduler.ResultSuccess, scheduler.ResultSuccess, scheduler.ResultFailure, scheduler.ResultTimedOut),
		LogURL: "http://gozer/logs/" + string(b.id)}
	if b.attempt < 3 && m.r.IntN(8) == 0 {
		e.Retry, e.Result = true, scheduler.ResultRetry
	}
	m.emit(e)
	again, job := e.Retry, b.job
	attempt := b.attempt + 1
	i.open = append(i.open[:n], i.open[n+1:]...)
	if again {
		m.start(i, job, attempt)
	}
}

func (m *maker) canceled(i *madeItem) (ids []scheduler.BuildID) {
	for _, b := range i.open {
		ids = append(ids, b.id)
	}
	i.open = nil
	return ids
}

func (m *maker) reset(i *madeItem) {
	m.emit(scheduler.BuildsetReset{Item: i.id, Buildset: i.set, Canceled: m.canceled(i), Reason: "the change ahead failed", Time: m.now})
	i.set = ""
}

func (m *maker) finish(i *madeItem, result scheduler.Result) {
	if len(i.jobs) == 0 && result == scheduler.ResultSuccess {
		result = scheduler.ResultNoJobs
	}
	report := scheduler.ReportID(m.id("d0"))
	if result != scheduler.ResultDequeued {
		submit := i.pipeline == "gate" && result == scheduler.ResultSuccess
		m.emit(scheduler.ReportRequested{Report: report, Item: i.id, Buildset: i.set, Pipeline: i.pipeline,
			Action: "success", Refs: i.refs, Submit: submit, Final: true, Result: result, Message: "Done.", Time: m.now})
		merged := m.r.IntN(10) > 0
		m.emit(scheduler.ReportCompleted{Report: report, Item: i.id, Merged: submit && merged, Time: m.now})
		if submit && !merged {
			result = scheduler.ResultMergeFailure
		}
	}
	m.emit(scheduler.ItemDequeued{Item: i.id, Buildset: i.set, Pipeline: i.pipeline, Refs: i.refs,
		Result: result, Reason: "done", Canceled: m.canceled(i), Time: m.now})
	for n, x := range m.items {
		if x == i {
			m.items = append(m.items[:n], m.items[n+1:]...)
			break
		}
	}
}
