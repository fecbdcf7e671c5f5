// Package sourcetest is the conformance suite of source.Source: what the rest
// of the program relies on, whatever code review system is behind it.
package sourcetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// Bench is a source under test with hands on its far side.
type Bench interface {
	// Source is the source now; Restart may replace it.
	Source() source.Source
	// Restart ends the source as a crash would and opens it again.
	Restart(t *testing.T)
	// NewProject makes a project with one commit on branch main.
	NewProject(t *testing.T, name string)
	// Propose makes a change on top of the tip of main that gives a file a
	// content, and returns its number.
	Propose(t *testing.T, project, file, content string) int
	// Amend makes a new patchset of the last change proposed in the project.
	Amend(t *testing.T, project, content string)
	// Approve does all that people must do before the change may merge.
	Approve(t *testing.T, number int)
}

// Run runs the suite; open returns a fresh bench for each test.
func Run(t *testing.T, open func(t *testing.T) Bench) {
	for name, test := range map[string]func(*suite, *testing.T){
		"unknown names are not found":            (*suite).unknown,
		"a proposed change is told with facts":   (*suite).proposed,
		"an event stays until it is taken":       (*suite).redelivered,
		"events survive a restart":               (*suite).restarted,
		"a report is made once":                  (*suite).reported,
		"what lands is the commit given":         (*suite).landed,
		"landing is repeated without effect":     (*suite).landedTwice,
		"a moved branch is left alone":           (*suite).moved,
		"two projects land together or not":      (*suite).together,
		"an outdated patchset does not land":     (*suite).outdated,
		"an unapproved change does not land":     (*suite).unapproved,
		"a commit without the change won't land": (*suite).foreign,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(&suite{Bench: open(t)}, t)
		})
	}
}

// suite is one test's bench with words to say things shortly.
type suite struct{ Bench }

func (*suite) code(t *testing.T, err error, code string) {
	t.Helper()
	var refused *source.Error
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("error %v, want code %s", err, code)
	}
}

func (s *suite) facts(t *testing.T, project string, number int) scheduler.Change {
	t.Helper()
	all, err := s.Source().Closure(t.Context(), project, number)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func (s *suite) tip(t *testing.T, project string) string {
	t.Helper()
	branches, err := s.Source().Branches(t.Context(), project)
	if err != nil || len(branches) != 1 || branches[0].Name != "main" {
		t.Fatalf("branches %v, %v", branches, err)
	}
	return branches[0].Commit
}

func (s *suite) report(t *testing.T, r source.Report) source.Outcome {
	t.Helper()
	out, err := s.Source().Report(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// landing is a report that lands the changes' own commits.
func landing(id string, changes ...scheduler.Change) source.Report {
	r := source.Report{ID: scheduler.ReportID(id), Message: "Build succeeded.", Votes: map[string]int{"Verified": 2}, Submit: true}
	for _, c := range changes {
		r.Refs = append(r.Refs, c.Ref)
		r.Commits = append(r.Commits, scheduler.RepoCommit{Project: c.Project, Branch: c.Branch, Commit: c.Commit})
	}
	return r
}

// events takes all events that are there: it ends when none comes for a while
// after something that was put behind them, the event of a marker change.
func (s *suite) events(t *testing.T) []scheduler.TriggerEvent {
	t.Helper()
	const marker = "marker"
	if _, err := s.Source().Repository(t.Context(), marker); err != nil {
		s.NewProject(t, marker)
	}
	number := s.Propose(t, marker, "marker", time.Now().String())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var got []scheduler.TriggerEvent
	err := s.Source().Run(ctx, func(_ context.Context, events ...scheduler.TriggerEvent) error {
		for _, e := range events {
			if e.Ref.Name != marker {
				got = append(got, e)
			}
			if e.Ref.Number == number {
				cancel()
			}
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return got
}

func types(events []scheduler.TriggerEvent) []string {
	var names []string
	for _, e := range events {
		names = append(names, e.Type)
	}
	return names
}

func wantTypes(t *testing.T, events []scheduler.TriggerEvent, want ...string) {
	t.Helper()
	if got := types(events); !slices.Equal(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
}
