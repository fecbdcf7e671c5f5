package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// reviewer is a source that only takes reports. Like an external code review
// it merges its changes one by one.
type reviewer struct {
	source.Source
	name    scheduler.ConnectionName
	refuses []int // changes that it does not merge
	stale   bool
	deaf    bool // refuses to be told

	log *reportLog
}

// reportLog is what the reviewers of a test heard, in order.
type reportLog struct {
	mu    sync.Mutex
	lines []string
}

func (r *reviewer) Connection() scheduler.ConnectionName { return r.name }

func (r *reviewer) Report(_ context.Context, in source.Report) (source.Outcome, error) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	said := []string{string(r.name), string(in.ID)}
	if in.Message != "" {
		said = append(said, "message")
	}
	if len(in.Votes) > 0 {
		said = append(said, "votes")
	}
	if in.Submit {
		said = append(said, "submit")
	}
	r.log.lines = append(r.log.lines, strings.Join(said, " "))
	switch {
	case r.deaf:
		return source.Outcome{}, &source.Error{Code: source.CodeForbidden, Message: string(r.name) + " does not listen"}
	case !in.Submit:
		return source.Outcome{}, nil
	case r.stale:
		return source.Outcome{Stale: true, Detail: "main of " + string(r.name) + " moved"}, nil
	}
	return r.merge(in), nil
}

func (r *reviewer) merge(in source.Report) source.Outcome {
	out := source.Outcome{Merged: true}
	for _, ref := range in.Refs {
		switch {
		case ref.Connection != r.name:
		case slices.Contains(r.refuses, ref.Number):
			out.Merged, out.Detail = false, fmt.Sprintf("%s refuses %d", r.name, ref.Number)
		default:
			out.MergedChanges = append(out.MergedChanges, ref.Key())
		}
	}
	return out
}

func refOf(c scheduler.ConnectionName, number int) scheduler.Ref {
	return scheduler.Ref{Connection: c, Project: scheduler.ProjectName(c + "/p"), Number: number, Patchset: 1}
}

// made lets an App report a cycle of change 1 at a and changes 2 and 3 at b.
func made(t *testing.T, f scheduler.Report, sources ...*reviewer) (scheduler.CompletedReport, []string) {
	t.Helper()
	log := &reportLog{}
	a := &App{log: slog.New(slog.DiscardHandler)}
	for _, s := range sources {
		s.log = log
		a.sources = append(a.sources, s)
	}
	f.Report, f.Message = "r", "Build succeeded."
	f.Refs = []scheduler.Ref{refOf("a", 1), refOf("b", 2), refOf("b", 3)}
	r := reporting{app: a, report: f}
	for _, p := range phases(f) {
		r.tell(t.Context(), p)
	}
	return r.answer(), log.lines
}

func reporters(submit ...bool) []scheduler.Reporter {
	out := []scheduler.Reporter{{Connection: "a", Comment: true, Votes: map[string]int{"Verified": 2}}, {Connection: "b", Comment: true, Votes: map[string]int{"Verified": 2}}}
	for i, s := range submit {
		out[i].Submit = s
	}
	return out
}

func TestOutcomesOfSeveralConnections(t *testing.T) {
	t.Parallel()
	key := func(c scheduler.ConnectionName, n int) scheduler.ChangeKey { return refOf(c, n).Key() }
	both := scheduler.Report{Submit: true, Reporters: reporters(true, true)}
	for name, c := range map[string]struct {
		a, b   reviewer
		merged bool
		stale  bool
		some   []scheduler.ChangeKey
		detail string
	}{
		"both merge":                      {merged: true},
		"the second refuses one":          {b: reviewer{refuses: []int{3}}, some: []scheduler.ChangeKey{key("a", 1), key("b", 2)}, detail: "b refuses 3\nNot merged: 3,1."},
		"the first refuses":               {a: reviewer{refuses: []int{1}}, some: []scheduler.ChangeKey{key("b", 2), key("b", 3)}, detail: "a refuses 1\nNot merged: 1,1."},
		"both refuse":                     {a: reviewer{refuses: []int{1}}, b: reviewer{refuses: []int{2, 3}}, detail: "a refuses 1\nb refuses 3"},
		"both branches moved":             {a: reviewer{stale: true}, b: reviewer{stale: true}, stale: true, detail: "main of a moved\nmain of b moved"},
		"one merges, the other is moved":  {b: reviewer{stale: true}, some: []scheduler.ChangeKey{key("a", 1)}, detail: "main of b moved\nNot merged: 2,1, 3,1."},
		"one does not listen":             {a: reviewer{deaf: true}, some: []scheduler.ChangeKey{key("b", 2), key("b", 3)}, detail: "a does not listen\nNot merged: 1,1."},
		"one refuses, the other is moved": {a: reviewer{refuses: []int{1}}, b: reviewer{stale: true}, stale: true, detail: "a refuses 1\nmain of b moved"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.a.name, c.b.name = "a", "b"
			got, heard := made(t, both, &c.a, &c.b)
			if got.Merged != c.merged || got.Stale != c.stale || !slices.Equal(got.MergedChanges, c.some) || got.Detail != c.detail {
				t.Errorf("got %+v", got)
			}
			want := []string{"a r-0 message votes", "b r-1 message votes", "a r-0-submit submit", "b r-1-submit submit"}
			if !slices.Equal(heard, want) {
				t.Errorf("heard %q", heard)
			}
		})
	}
}

func TestOneSubmitterHearsAllAtOnceAndLast(t *testing.T) {
	t.Parallel()
	got, heard := made(t, scheduler.Report{Submit: true, Reporters: reporters(true, false)}, &reviewer{name: "a"}, &reviewer{name: "b"})
	if want := []string{"b r-1 message votes", "a r-0 message votes submit"}; !slices.Equal(heard, want) {
		t.Errorf("heard %q", heard)
	}
	if got.Merged || !slices.Equal(got.MergedChanges, []scheduler.ChangeKey{refOf("a", 1).Key()}) || got.Detail != "Not merged: 2,1, 3,1." {
		t.Errorf("nobody submits at b, but got %+v", got)
	}
}

func TestReportWithoutSubmitting(t *testing.T) {
	t.Parallel()
	got, heard := made(t, scheduler.Report{Reporters: append(reporters(true, true), scheduler.Reporter{Connection: "c"})}, &reviewer{name: "a", deaf: true}, &reviewer{name: "b"})
	if want := []string{"a r-0 message votes", "b r-1 message votes"}; !slices.Equal(heard, want) {
		t.Errorf("heard %q", heard)
	}
	if got.Merged || got.Stale || got.Detail != "a does not listen\nThere is no connection c to report to." {
		t.Errorf("got %+v", got)
	}
}
