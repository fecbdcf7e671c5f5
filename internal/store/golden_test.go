package store_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// script makes commits of one event a second.
type script struct {
	commits []store.Commit
	now     time.Time
}

func (s *script) add(events ...scheduler.Event) {
	seq := uint64(len(s.commits) + 1)
	s.commits = append(s.commits, store.Commit{Tenant: tenant, Seq: seq, Hash: hashOf(seq), Time: s.now, Events: events})
	s.now = s.now.Add(time.Second)
}

func change(number, patchset int) scheduler.Ref {
	return scheduler.Ref{Connection: "local", Project: "local/org/app", Name: "org/app", Branch: "main",
		Ref: fmt.Sprintf("refs/changes/%02d/%d/%d", number%100, number, patchset), Number: number, Patchset: patchset,
		URL: fmt.Sprintf("http://gozer/change/%d", number), Owner: "ann"}
}

func graph(jobs ...scheduler.FrozenJob) *scheduler.JobGraph {
	return &scheduler.JobGraph{Hash: "g", Jobs: jobs}
}

func job(name scheduler.JobName, voting bool, nodeset string) scheduler.FrozenJob {
	return scheduler.FrozenJob{Name: name, Voting: voting, Nodeset: scheduler.Nodeset{Name: nodeset}}
}

// enqueue begins an item and its first buildset.
func (s *script) enqueue(item scheduler.ItemID, p scheduler.PipelineName, ahead scheduler.ItemID, set scheduler.BuildsetID, g *scheduler.JobGraph, refs ...scheduler.Ref) {
	s.add(scheduler.ItemEnqueued{Item: item, Queue: "q", Pipeline: p, Refs: refs, Live: true, Ahead: ahead,
		Event: "event-" + scheduler.EventID(item), EventTime: s.now.Add(-time.Second), Time: s.now, Cause: "Workflow+1 by ann"})
	s.prepare(item, set, g)
}

func (s *script) prepare(item scheduler.ItemID, set scheduler.BuildsetID, g *scheduler.JobGraph) {
	s.add(scheduler.PrepareRequested{Item: item, Buildset: set, Time: s.now})
	s.add(scheduler.ItemPrepared{Item: item, Buildset: set, InPipeline: true, Graph: g, Time: s.now,
		State: []scheduler.RepoCommit{{Project: "local/org/app", Branch: "main", Commit: "feed0123456789", Base: "cafe0123456789"}}})
}

func (s *script) begin(item scheduler.ItemID, set scheduler.BuildsetID, build scheduler.BuildID, job scheduler.JobName, attempt int) {
	s.add(scheduler.BuildRequested{Build: build, Item: item, Buildset: set, Job: job, Attempt: attempt, Time: s.now})
	s.add(scheduler.BuildStarted{Build: build, Executor: "x1", Time: s.now})
}

func (s *script) end(item scheduler.ItemID, set scheduler.BuildsetID, build scheduler.BuildID, job scheduler.JobName, result scheduler.Result) {
	s.add(scheduler.BuildCompleted{Build: build, Item: item, Buildset: set, Job: job, Result: result,
		Retry: result == scheduler.ResultRetry, LogURL: "http://gozer/logs/" + string(build), Time: s.now})
}

func (s *script) report(item scheduler.ItemID, set scheduler.BuildsetID, p scheduler.PipelineName, action scheduler.Action, result scheduler.Result, submit bool) scheduler.ReportID {
	id := scheduler.ReportID("report-" + string(set))
	s.add(scheduler.ReportRequested{Report: id, Item: item, Buildset: set, Pipeline: p, Action: action,
		Submit: submit, Final: true, Result: result, Message: "Build " + string(action) + ".", Time: s.now})
	return id
}

// gate is a failing head, a change behind it that is tested twice and merges,
// one that does not merge in the end, and one that conflicts.
func gate() []store.Commit {
	s := &script{now: epoch}
	g := graph(job("unit", true, "debian"), job("style", false, ""), job("deploy", true, ""))
	s.add(scheduler.EnqueueRefused{Pipeline: "gate", Ref: change(1, 1), Reason: "Workflow+1 is missing", Event: "e0"})
	s.enqueue("item-a", "gate", "", "set-a", g, change(1, 1))
	s.enqueue("item-b", "gate", "item-a", "set-b1", g, change(2, 3))
	s.begin("item-a", "set-a", "a-unit", "unit", 1)
	s.begin("item-a", "set-a", "a-style", "style", 1)
	s.begin("item-b", "set-b1", "b1-unit", "unit", 1)
	s.end("item-a", "set-a", "a-unit", "unit", scheduler.ResultFailure)
	s.add(scheduler.ItemFailing{Item: "item-a", Reasons: []string{"at least one job failed"}},
		scheduler.JobSkipped{Build: "a-deploy", Item: "item-a", Buildset: "set-a", Job: "deploy",
			Reason: "Skipped due to failed job unit", Time: s.now},
		scheduler.BuildsetReset{Item: "item-b", Buildset: "set-b1", Canceled: []scheduler.BuildID{"b1-unit"},
			Running: []scheduler.BuildID{"b1-unit"}, Reason: "1,1 of org/app ahead failed", Time: s.now},
		scheduler.ItemMoved{Item: "item-b", Reason: "1,1 of org/app ahead failed"})
	s.end("item-a", "set-a", "a-style", "style", scheduler.ResultTimedOut)
	report := s.report("item-a", "set-a", "gate", scheduler.ActionFailure, scheduler.ResultFailure, false)
	s.add(scheduler.ReportCompleted{Report: report, Item: "item-a", Time: s.now})
	s.add(scheduler.ItemDequeued{Item: "item-a", Buildset: "set-a", Pipeline: "gate",
		Result: scheduler.ResultFailure, Reason: "reported", Time: s.now})
	s.prepare("item-b", "set-b2", g)
	s.begin("item-b", "set-b2", "b2-unit-1", "unit", 1)
	s.end("item-b", "set-b2", "b2-unit-1", "unit", scheduler.ResultRetry)
	s.begin("item-b", "set-b2", "b2-unit-2", "unit", 2)
	s.end("item-b", "set-b2", "b2-unit-2", "unit", scheduler.ResultSuccess)
	report = s.report("item-b", "set-b2", "gate", scheduler.ActionSuccess, scheduler.ResultSuccess, true)
	s.add(scheduler.ReportCompleted{Report: report, Item: "item-b", Merged: true, Time: s.now})
	s.add(scheduler.ItemDequeued{Item: "item-b", Buildset: "set-b2", Pipeline: "gate",
		Result: scheduler.ResultSuccess, Reason: "merged", Time: s.now})
	refused(s)
	s.enqueue("item-d", "check", "", "set-d", nil, change(4, 1)) // no jobs: no row
	s.add(scheduler.ItemDequeued{Item: "item-d", Buildset: "set-d", Pipeline: "check",
		Result: scheduler.ResultNoJobs, Time: s.now})
	tag := scheduler.Ref{Connection: "local", Project: "local/org/app", Name: "org/app", Ref: "refs/tags/v1", NewRev: "cafe"}
	s.enqueue("item-e", "release", "", "set-e", g, tag)
	s.begin("item-e", "set-e", "e-unit", "unit", 1)
	return s.commits
}

// refused adds a merge that fails and a change that conflicts; both begin
// with a dependency that is not live and leaves no row.
func refused(s *script) {
	s.add(scheduler.ItemEnqueued{Item: "item-x", Queue: "q", Pipeline: "check", Refs: []scheduler.Ref{change(8, 1)}, Time: s.now})
	s.enqueue("item-c", "gate", "", "set-c", graph(job("unit", true, "")), change(3, 1), change(5, 1))
	s.begin("item-c", "set-c", "c-unit", "unit", 1)
	s.end("item-c", "set-c", "c-unit", "unit", scheduler.ResultSuccess)
	report := s.report("item-c", "set-c", "gate", scheduler.ActionSuccess, scheduler.ResultSuccess, true)
	s.add(scheduler.ReportCompleted{Report: report, Item: "item-c", Detail: "the branch has moved", Time: s.now})
	s.add(scheduler.ItemDequeued{Item: "item-c", Buildset: "set-c", Pipeline: "gate", Message: "Merge failed.", Time: s.now})
	s.add(scheduler.ItemEnqueued{Item: "item-f", Queue: "q", Pipeline: "check", Refs: []scheduler.Ref{change(6, 1)}, Live: true, Time: s.now})
	s.add(scheduler.PrepareRequested{Item: "item-f", Buildset: "set-f", Time: s.now})
	s.add(scheduler.ItemPrepared{Item: "item-f", Buildset: "set-f", Conflict: true, Detail: "app.go", Time: s.now})
	s.report("item-f", "set-f", "check", scheduler.ActionMergeConflict, scheduler.ResultMergeConflict, false)
	s.add(scheduler.ItemDequeued{Item: "item-f", Buildset: "set-f", Pipeline: "check", Result: scheduler.ResultMergeConflict, Time: s.now})
}

func TestProjectionGolden(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	apply(t, s, gate()...)
	var out strings.Builder
	for _, row := range allBuildsets(t, s) {
		b, err := s.Buildset(context.Background(), tenant, row.UUID)
		if err != nil {
			t.Fatal(err)
		}
		writeBuildset(&out, &b)
	}
	for number := 1; number <= 8; number++ {
		h, err := s.Change(context.Background(), tenant, scheduler.ChangeKey{Project: "local/org/app", Number: number}, 0)
		if err != nil {
			t.Fatal(err)
		}
		writeHistory(&out, number, &h)
	}
	golden(t, "gate.txt", out.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), rewrite with -update:\n%s", path, diff)
	}
}

func clock(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Format("15:04:05")
}

func writeBuildset(w *strings.Builder, b *store.Buildset) {
	fmt.Fprintf(w, "buildset %d %s %s result=%s message=%q created=%s first=%s last=%s event=%s@%s\n", b.ID, b.UUID, b.Pipeline,
		b.Result, b.Message, clock(b.CreatedAt), clock(b.FirstBuildStart), clock(b.LastBuildEnd), b.Event, clock(b.EventTime))
	for _, r := range b.Refs {
		fmt.Fprintf(w, "  ref %s %s\n", r, r.Ref)
	}
	for _, e := range b.Events {
		fmt.Fprintf(w, "  event %s %s: %s\n", clock(e.Time), e.Type, e.Description)
	}
	for i := range b.Builds {
		x := &b.Builds[i]
		fmt.Fprintf(w, "  build %d %s %s#%d %s voting=%v final=%s held=%s requested=%s started=%s ended=%s nodeset=%q detail=%q log=%q ref=%s\n",
			x.ID, x.UUID, x.Job, x.Attempt, x.Result, x.Voting, boolText(x.Final), boolText(x.Held), clock(x.RequestedAt),
			clock(x.StartedAt), clock(x.EndedAt), x.Nodeset, x.ErrorDetail, x.LogURL, x.Ref.ID())
	}
}

func writeHistory(w *strings.Builder, number int, h *store.ChangeHistory) {
	for _, i := range h.Items {
		fmt.Fprintf(w, "change %d: item %d %s %s result=%s from %s to %s, %d resets\n",
			number, i.ID, i.UUID, i.Pipeline, i.Result, clock(i.EnqueuedAt), clock(i.DequeuedAt), i.Resets)
		for _, d := range i.Decisions {
			fmt.Fprintf(w, "  %3d %s %s: %s\n", d.Seq, clock(d.Time), d.Kind, d.Text)
		}
	}
	for _, b := range h.Buildsets {
		fmt.Fprintf(w, "change %d: buildset %s with %d builds\n", number, b.UUID, len(b.Builds))
	}
	for _, d := range h.Refusals {
		fmt.Fprintf(w, "change %d: %3d %s %s: %s\n", number, d.Seq, clock(d.Time), d.Kind, d.Text)
	}
}
