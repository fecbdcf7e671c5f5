package web_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
	"github.com/gozer-ci/gozer/web"
	"github.com/gozer-ci/gozer/web/tenantview"
)

// Builds of the fake state and history.
const (
	runningBuild scheduler.BuildID = "00000000000000000000000000000b01"
	waitingBuild scheduler.BuildID = "00000000000000000000000000000b02"
	doneBuild    scheduler.BuildID = "00000000000000000000000000000b03"
)

var tenantFile = `
- tenant:
    name: acme
    source:
      local:
        config-projects: [{config: {load-branch: main}}]
        untrusted-projects: [org/app, org/lib, deep/er/name]
`

var configFile = `
- pipeline:
    name: check
    manager: independent
    trigger:
      local: [{event: patchset-created}]
- pipeline:
    name: gate
    description: Merges what passes.
    manager: dependent
    trigger:
      local: [{event: comment-added}]
      nats: [{event: release}]
- semaphore: {name: printer, max: 2}
- nodeset: {name: small, nodes: [{name: node, label: debian}]}
- job:
    name: base
    parent: null
    description: |
      The root.
      It has a second line.
    run: playbooks/base.sh
- job:
    name: test
    nodeset: small
    semaphores: [printer]
    timeout: 600
    files: [^src/]
    vars: {answer: 42}
    tags: [fast]
- job: {name: lint, voting: false, dependencies: [{name: test, soft: true}]}
- job: {name: a@b/c}
- queue: {name: integrated}
- project-template:
    name: common
    gate: {jobs: [lint]}
- project:
    name: ^org/.*
    queue: integrated
    templates: [common]
    check: {jobs: [test]}
    gate: {jobs: [{test: {timeout: 300}}]}
- job: {name: broken, nodeset: missing}
`

// layouts has one tenant that is loaded and one that is not.
type layouts struct{ acme *tenants.Layout }

func newLayouts(t testing.TB) *layouts {
	t.Helper()
	list, problems := tenants.ParseTenants("tenants.yaml", []byte(tenantFile), tenants.Connections{
		"local": {Driver: "local"}, "nats": {Driver: "nats"},
	})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	// One job of the fixture is broken on purpose.
	l, _ := list[0].Load([]tenants.ProjectBranch{
		{Project: "local/config", Branch: "main", Files: []tenants.File{{Path: "zuul.yaml", Data: []byte(configFile)}}},
		{Project: "local/org/app", Branch: "main"}, {Project: "local/org/lib", Branch: "main"}, {Project: "local/deep/er/name", Branch: "main"},
	})
	return &layouts{l}
}

func (l *layouts) Tenants() []scheduler.TenantName { return []scheduler.TenantName{"acme", "other"} }

func (l *layouts) Layout(t scheduler.TenantName) web.Layout {
	if t != "acme" {
		return nil
	}
	return tenantview.New(l.acme)
}

// live is the state of acme.
type live struct {
	mu    sync.Mutex
	state *scheduler.State
	seq   uint64
	log   [][]scheduler.Event // by commit
	views int
	moved chan struct{}
}

var errNoState = errors.New("no state")

func (l *live) View(t scheduler.TenantName, f func(*scheduler.State, uint64)) error {
	if t != "acme" {
		return errNoState
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.views++
	f(l.state, l.seq)
	return nil
}

// commit applies events as one commit.
func (l *live) commit(events ...scheduler.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	scheduler.Fold(l.state, events)
	l.log = append(l.log, events)
	l.seq++
	close(l.moved)
	l.moved = make(chan struct{})
}

func (l *live) now() (uint64, chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seq, l.moved
}

func (l *live) WaitFor(ctx context.Context, _ scheduler.TenantName, seq uint64) error {
	for {
		now, moved := l.now()
		if now >= seq {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

func (l *live) Subscribe(ctx context.Context, _ scheduler.TenantName) <-chan uint64 {
	ch := make(chan uint64)
	seq, _ := l.now()
	go func() {
		defer close(ch)
		for {
			now, moved := l.now()
			if now == seq {
				select {
				case <-ctx.Done():
					return
				case <-moved:
				}
				continue
			}
			select {
			case <-ctx.Done():
				return
			case ch <- now:
				seq = now
			}
		}
	}()
	return ch
}

func change(number int, project string) scheduler.Ref {
	return scheduler.Ref{
		Connection: "local", Project: scheduler.ProjectName("local/" + project), Name: project, Branch: "main",
		Ref: fmt.Sprintf("refs/changes/%02d/%d/1", number, number), Number: number, Patchset: 1,
		URL: fmt.Sprintf("https://gozer.example.com/change/%d", number), Owner: "alice",
	}
}

func ago(d time.Duration) time.Time { return start.Add(-d) }

var everything, _ = scheduler.NewPattern(".*", false) // it is one

var jobs = &scheduler.JobGraph{Jobs: []scheduler.FrozenJob{
	{Name: "test", Voting: true, Attempts: 3, Semaphores: []scheduler.SemaphoreName{"printer"}},
	{Name: "lint", Nodeset: scheduler.Nodeset{Name: "small", Nodes: []scheduler.Node{{Name: "node", Label: "debian"}}}, Dependencies: []scheduler.JobDependency{{Name: "test", Soft: true}}, Attempts: 3},
	{Name: "docs", Voting: true, Attempts: 3},
}}

// newLive has a gate with changes 1 and 2 in one queue, of which 1 is tested
// and 2 waits, and 3 alone, which failed; check has a tag.
func newLive() *live {
	layout := &scheduler.Layout{Pipelines: []scheduler.PipelineConfig{
		{Name: "check", Manager: scheduler.Independent, Triggers: []scheduler.EventFilter{{Connection: "local"}}},
		{Name: "gate", Description: "Merges what passes.", Manager: scheduler.Dependent,
			Triggers: []scheduler.EventFilter{{Connection: "local"}, {Connection: "nats"}, {Connection: "local"}},
			Window:   scheduler.WindowConfig{Size: 20}},
	}}
	l := &live{state: scheduler.NewState("acme"), moved: make(chan struct{})}
	tag := scheduler.Ref{Connection: "local", Project: "local/org/lib", Name: "org/lib", Ref: "refs/tags/v1", NewRev: "5c1e1c1e"}
	l.commit(
		scheduler.LayoutLoaded{Layout: layout, Time: ago(time.Hour)},
		scheduler.QueueCreated{Queue: "q1", Pipeline: "gate", Name: "integrated", Window: 20},
		scheduler.QueueCreated{Queue: "q2", Pipeline: "check", Dynamic: true},
		scheduler.QueueCreated{Queue: "q3", Pipeline: "gate", Name: "idle", Window: 20},
		scheduler.ItemEnqueued{Item: "i1", Queue: "q1", Pipeline: "gate", Refs: []scheduler.Ref{change(1, "org/app")}, Live: true, Time: ago(time.Minute)},
		scheduler.ItemEnqueued{Item: "i2", Queue: "q1", Pipeline: "gate", Refs: []scheduler.Ref{change(2, "org/lib")}, Live: true, Ahead: "i1", Time: ago(time.Minute)},
		scheduler.ItemEnqueued{Item: "i3", Queue: "q1", Pipeline: "gate", Refs: []scheduler.Ref{change(3, "org/lib")}, Live: true, Time: ago(time.Minute)},
		scheduler.ItemEnqueued{Item: "i4", Queue: "q2", Pipeline: "check", Refs: []scheduler.Ref{tag}, Live: true, Time: ago(time.Minute)},
	)
	l.commit(
		scheduler.PrepareRequested{Item: "i1", Buildset: "s1", Time: ago(time.Minute)},
		scheduler.ItemPrepared{Item: "i1", Buildset: "s1", InPipeline: true, Graph: jobs, Time: ago(time.Minute)},
		scheduler.SemaphoresAcquired{Item: "i1", Buildset: "s1", Job: "test", Semaphores: []scheduler.SemaphoreName{"printer"}},
		scheduler.BuildRequested{Build: runningBuild, Item: "i1", Buildset: "s1", Job: "test", Attempt: 1, Time: ago(40 * time.Second)},
		scheduler.BuildStarted{Build: runningBuild, Executor: "vm", Time: ago(30 * time.Second)},
		scheduler.BuildRequested{Build: waitingBuild, Item: "i1", Buildset: "s1", Job: "docs", Attempt: 1, Time: ago(20 * time.Second)},
		scheduler.ItemFailing{Item: "i3", Reasons: []string{"at least one job failed"}},
		scheduler.NodesRequested{Request: "request1", Item: "i1", Buildset: "s1", Job: "lint", Nodeset: jobs.Jobs[1].Nodeset, Priority: 100, Time: ago(25 * time.Second)},
		scheduler.AutoholdRequested{Autohold: "0000000000", Project: "local/org/app", Job: "test", Filter: everything, MaxCount: 1, Reason: "look at it", NodeExpiration: time.Hour, Time: ago(time.Minute)},
		scheduler.AutoholdRequested{Autohold: "0000000001", Project: "local/org/lib", Job: "test", Filter: everything, MaxCount: 2, Reason: "me too", Time: ago(time.Minute)},
		scheduler.BuildHeld{
			Autohold: "0000000000", Build: doneBuild, Item: "i0", Buildset: "s0", Job: "test", Request: "request0", Exhausted: true, Time: ago(30 * time.Second),
			Nodes: []scheduler.ProvidedNode{{ID: "request0-0", Name: "node", Label: "debian", Provider: "sandbox", Connection: "sandbox"}},
		},
	)
	l.state.Inbox = []scheduler.InboxEntry{{Trigger: &scheduler.TriggerEvent{}}, {Enqueue: &scheduler.EnqueueRef{}}}
	return l
}
