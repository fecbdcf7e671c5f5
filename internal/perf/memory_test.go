package perf

import (
	"context"
	"crypto/sha1" //nolint:gosec // names, not secrets
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/internal/merger"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// memory is a code review system without repositories: it says what the local
// source would say, and merges at once. It is source and merger in one.
type memory struct {
	files map[string]string // zuul.yaml by project
	hold  chan struct{}     // nil, or reports wait until it is closed

	mu      sync.Mutex
	outbox  []scheduler.TriggerEvent
	wake    chan struct{}
	events  int
	tips    map[scheduler.ProjectName]string
	changes map[int]*memoryChange
	merged  chan int // numbers of merged changes
}

type memoryChange struct {
	facts          scheduler.Change
	approved, done time.Time
}

func newMemory(files map[string]string) *memory {
	return &memory{files: files, wake: make(chan struct{}, 1), tips: map[scheduler.ProjectName]string{},
		changes: map[int]*memoryChange{}, merged: make(chan int, 1<<16)}
}

func (m *memory) Connection() scheduler.ConnectionName { return "local" }
func (m *memory) Driver() string                       { return "local" }
func (m *memory) CanonicalHost() string                { return "local" }

// approve proposes a change and votes for it.
func (m *memory) approve(number int, project string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ref := scheduler.Ref{
		Connection: "local", Project: canonical(project), Name: project, Branch: "main",
		Ref:    fmt.Sprintf("refs/changes/%02d/%d/1", number%100, number),
		Number: number, Patchset: 1, URL: fmt.Sprintf("http://127.0.0.1/change/%d", number), Owner: user,
	}
	votes := []scheduler.Vote{{Label: "Code-Review", Value: 2, Username: user}, {Label: "Workflow", Value: 1, Username: user}}
	c := &memoryChange{approved: time.Now(), facts: scheduler.Change{
		Ref: ref, Open: true, MissingLabels: []string{"Verified"}, Votes: votes,
		Subject: fmt.Sprintf("Change number %d", number), Commit: commit(number),
	}}
	m.changes[number] = c
	m.emit(scheduler.TriggerEvent{Type: "comment-added", Ref: ref, Votes: votes, Username: user})
}

func canonical(project string) scheduler.ProjectName { return source.ProjectName("local", project) }

func commit(v any) string {
	sum := sha1.Sum([]byte(fmt.Sprint(v))) //nolint:gosec // names, not secrets
	return hex.EncodeToString(sum[:])
}

func (m *memory) emit(e scheduler.TriggerEvent) {
	m.events++
	e.ID, e.Connection, e.Time = scheduler.EventID(fmt.Sprintf("event-%d", m.events)), "local", time.Now()
	m.outbox = append(m.outbox, e)
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// atOnce is how many events the local source delivers at a time at most.
const atOnce = 64

// Run implements source.Source.
func (m *memory) Run(ctx context.Context, sink source.Sink) error {
	for {
		select {
		case <-m.wake:
		case <-ctx.Done():
			return nil
		}
		m.mu.Lock()
		events := m.outbox
		m.outbox = nil
		for i := range events {
			if c := m.changes[events[i].Ref.Number]; c != nil {
				events[i].Changes = []scheduler.Change{c.facts}
			}
		}
		m.mu.Unlock()
		for batch := range slices.Chunk(events, atOnce) {
			if err := sink(ctx, batch...); err != nil {
				return err
			}
		}
	}
}

// Closure implements source.Source.
func (m *memory) Closure(_ context.Context, _ string, number int) ([]scheduler.Change, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.changes[number]
	if c == nil {
		return nil, &source.Error{Code: source.CodeNotFound, Message: "no such change"}
	}
	return []scheduler.Change{c.facts}, nil
}

// Branches implements source.Source.
func (m *memory) Branches(_ context.Context, project string) ([]source.Branch, error) {
	return []source.Branch{{Name: "main", Commit: m.tip(canonical(project))}}, nil
}

// Repository implements source.Source; nobody asks, since no job runs.
func (m *memory) Repository(context.Context, string) (string, error) {
	return "", &source.Error{Code: source.CodeNotFound, Message: "there are no repositories"}
}

// Report implements source.Source.
func (m *memory) Report(ctx context.Context, r source.Report) (source.Outcome, error) {
	if m.hold != nil {
		select {
		case <-m.hold:
		case <-ctx.Done():
			return source.Outcome{}, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !r.Submit {
		return source.Outcome{}, nil
	}
	for _, ref := range r.Refs {
		c := m.changes[ref.Number]
		i := slices.IndexFunc(r.Commits, func(x scheduler.RepoCommit) bool { return x.Project == ref.Project })
		c.facts.Open, c.facts.Merged, c.done = false, true, time.Now()
		update := ref
		update.Number, update.Patchset, update.Ref = 0, 0, "refs/heads/main"
		update.OldRev, update.NewRev = m.tips[ref.Project], r.Commits[i].Commit
		m.tips[ref.Project] = update.NewRev
		m.emit(scheduler.TriggerEvent{Type: "ref-updated", Ref: update, Username: user, BranchUpdated: true})
		m.emit(scheduler.TriggerEvent{Type: "change-merged", Ref: ref, Username: user})
		m.merged <- ref.Number
	}
	return source.Outcome{Merged: true}, nil
}

func (m *memory) tip(p scheduler.ProjectName) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tips[p] == "" {
		m.tips[p] = commit(p)
	}
	return m.tips[p]
}

// Merge implements the merger: a state's commit is the hash of what is in it.
func (m *memory) Merge(_ context.Context, r merger.Request) (merger.Result, error) {
	out := merger.Result{State: slices.Clone(r.Base), Changed: map[int][]string{}}
	for i, ref := range r.Refs {
		out.Changed[i] = []string{"README.md"}
		at := slices.IndexFunc(out.State, func(c scheduler.RepoCommit) bool { return c.Project == ref.Project })
		if at < 0 {
			tip := m.tip(ref.Project)
			out.State = append(out.State, scheduler.RepoCommit{Project: ref.Project, Branch: ref.Branch, Commit: tip, Base: tip})
			at = len(out.State) - 1
		}
		out.State[at].Commit = commit(out.State[at].Commit + ref.ID())
	}
	return out, nil
}

// ReadFiles implements the merger.
func (m *memory) ReadFiles(_ context.Context, p scheduler.ProjectName, _ string, match func(string) bool) ([]merger.File, error) {
	text, ok := m.files[strings.TrimPrefix(string(p), "local/")]
	if !ok || !match("zuul.yaml") {
		return nil, nil
	}
	return []merger.File{{Path: "zuul.yaml", Data: []byte(text)}}, nil
}

// Tips implements the merger.
func (m *memory) Tips(_ context.Context, p scheduler.ProjectName) (map[string]string, error) {
	return map[string]string{"main": m.tip(p)}, nil
}

// Keep implements the merger.
func (m *memory) Keep(context.Context, scheduler.BuildsetID, []scheduler.RepoCommit) error {
	return nil
}

// latency is how long a change took from the approval to the merge.
func (m *memory) latency(number int) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changes[number].done.Sub(m.changes[number].approved)
}
