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

func (s *suite) unknown(t *testing.T) {
	_, err := s.Source().Closure(t.Context(), "nothing", 1)
	s.code(t, err, source.CodeNotFound)
	_, err = s.Source().Branches(t.Context(), "nothing")
	s.code(t, err, source.CodeNotFound)
	_, err = s.Source().Repository(t.Context(), "nothing")
	s.code(t, err, source.CodeNotFound)
	s.NewProject(t, "p")
	s.NewProject(t, "q")
	n := s.Propose(t, "p", "f", "x")
	_, err = s.Source().Closure(t.Context(), "q", n)
	s.code(t, err, source.CodeNotFound)
}

func (s *suite) proposed(t *testing.T) {
	s.NewProject(t, "p")
	n := s.Propose(t, "p", "f", "x")
	events := s.events(t)
	wantTypes(t, events, "ref-updated", "patchset-created")
	e := events[1]
	if e.ID == "" || e.Connection != s.Source().Connection() || e.Time.IsZero() || !e.NewPatchset {
		t.Errorf("event %+v", e)
	}
	if len(e.Changes) != 1 || e.Changes[0].Number != n || !e.Changes[0].Open || e.Changes[0].Commit == "" {
		t.Errorf("facts %+v", e.Changes)
	}
	if e.Ref.Project != source.ProjectName(s.Source().CanonicalHost(), "p") || e.Ref.Patchset != 1 {
		t.Errorf("ref %+v", e.Ref)
	}
}

func (s *suite) redelivered(t *testing.T) {
	s.NewProject(t, "p")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var ids []scheduler.EventID
	_ = s.Source().Run(ctx, func(_ context.Context, events ...scheduler.TriggerEvent) error {
		if ids = append(ids, events[0].ID); len(ids) < 3 {
			return errors.New("not now")
		}
		cancel()
		return nil
	})
	if len(ids) != 3 || ids[0] != ids[1] || ids[1] != ids[2] {
		t.Errorf("deliveries %v, want three of one event", ids)
	}
	wantTypes(t, s.events(t))
}

func (s *suite) restarted(t *testing.T) {
	s.NewProject(t, "p")
	s.Propose(t, "p", "f", "x")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var first scheduler.EventID
	_ = s.Source().Run(ctx, func(_ context.Context, events ...scheduler.TriggerEvent) error {
		first = events[0].ID
		cancel()
		return errors.New("the process dies")
	})
	s.Restart(t)
	events := s.events(t)
	wantTypes(t, events, "ref-updated", "patchset-created")
	if events[0].ID != first {
		t.Errorf("event has identifier %s after the restart, %s before", events[0].ID, first)
	}
	wantTypes(t, s.events(t))
}

func (s *suite) reported(t *testing.T) {
	s.NewProject(t, "p")
	n := s.Propose(t, "p", "f", "x")
	s.events(t)
	r := source.Report{ID: "r1", Refs: []scheduler.Ref{s.facts(t, "p", n).Ref}, Message: "Build failed.", Votes: map[string]int{"Verified": -1}}
	for range 2 {
		if out := s.report(t, r); out.Merged {
			t.Error("merged without being asked to")
		}
		s.Restart(t)
	}
	voted := func(v scheduler.Vote) bool { return v.Label == "Verified" && v.Value == -1 }
	if votes := s.facts(t, "p", n).Votes; len(votes) != 1 || !slices.ContainsFunc(votes, voted) {
		t.Errorf("votes %v", votes)
	}
	wantTypes(t, s.events(t), "comment-added")
}

func (s *suite) landed(t *testing.T) {
	s.NewProject(t, "p")
	n := s.Propose(t, "p", "zuul.yaml", "[]")
	s.Approve(t, n)
	s.events(t)
	old, c := s.tip(t, "p"), s.facts(t, "p", n)
	if out := s.report(t, landing("r1", c)); !out.Merged {
		t.Fatalf("outcome %+v", out)
	}
	if tip := s.tip(t, "p"); tip != c.Commit {
		t.Errorf("tip is %s, tested was %s", tip, c.Commit)
	}
	if f := s.facts(t, "p", n); !f.Merged || f.Open {
		t.Errorf("facts %+v", f)
	}
	events := s.events(t)
	wantTypes(t, events, "ref-updated", "change-merged")
	if e := events[0]; e.Ref.OldRev != old || e.Ref.NewRev != c.Commit || !e.BranchUpdated || !e.ConfigChanged {
		t.Errorf("event %+v", e)
	}
}

func (s *suite) landedTwice(t *testing.T) {
	s.NewProject(t, "p")
	n := s.Propose(t, "p", "f", "x")
	s.Approve(t, n)
	s.events(t)
	c := s.facts(t, "p", n)
	for _, id := range []string{"r1", "r1", "r2"} {
		if out := s.report(t, landing(id, c)); !out.Merged {
			t.Errorf("report %s: %+v", id, out)
		}
	}
	wantTypes(t, s.events(t), "ref-updated", "change-merged")
}

func (s *suite) moved(t *testing.T) {
	s.NewProject(t, "p")
	a, b := s.Propose(t, "p", "a", "x"), s.Propose(t, "p", "b", "x")
	s.Approve(t, a)
	s.Approve(t, b)
	first, second := s.facts(t, "p", a), s.facts(t, "p", b)
	s.report(t, landing("r1", first))
	out := s.report(t, landing("r2", second))
	if out.Merged || out.Detail == "" {
		t.Errorf("outcome %+v, want a refusal with its reason", out)
	}
	if tip := s.tip(t, "p"); tip != first.Commit {
		t.Errorf("tip is %s, want %s", tip, first.Commit)
	}
	if f := s.facts(t, "p", b); !f.Open || f.Merged {
		t.Errorf("facts %+v", f)
	}
}

func (s *suite) together(t *testing.T) {
	s.NewProject(t, "p")
	s.NewProject(t, "q")
	a, b, other := s.Propose(t, "p", "a", "x"), s.Propose(t, "q", "b", "x"), s.Propose(t, "q", "c", "x")
	for _, n := range []int{a, b, other} {
		s.Approve(t, n)
	}
	old := s.tip(t, "p")
	s.report(t, landing("r1", s.facts(t, "q", other)))
	if out := s.report(t, landing("r2", s.facts(t, "p", a), s.facts(t, "q", b))); out.Merged {
		t.Error("merged though one branch had moved")
	}
	if tip := s.tip(t, "p"); tip != old {
		t.Errorf("tip of p moved to %s", tip)
	}
	again := s.Propose(t, "q", "d", "x")
	s.Approve(t, again)
	if out := s.report(t, landing("r3", s.facts(t, "p", a), s.facts(t, "q", again))); !out.Merged {
		t.Errorf("outcome %+v", out)
	}
}

func (s *suite) outdated(t *testing.T) {
	s.NewProject(t, "p")
	n := s.Propose(t, "p", "f", "x")
	c := s.facts(t, "p", n)
	s.Amend(t, "p", "y")
	s.Approve(t, n)
	if out := s.report(t, landing("r1", c)); out.Merged || s.tip(t, "p") == c.Commit {
		t.Errorf("an old patchset merged: %+v", out)
	}
	if c := s.facts(t, "p", n); c.Patchset != 2 || !c.Open {
		t.Errorf("facts %+v", c)
	}
}

func (s *suite) unapproved(t *testing.T) {
	s.NewProject(t, "p")
	c := s.facts(t, "p", s.Propose(t, "p", "f", "x"))
	if len(c.MissingLabels) == 0 {
		t.Error("no label is missing before approval")
	}
	if out := s.report(t, landing("r1", c)); out.Merged || s.tip(t, "p") == c.Commit {
		t.Errorf("an unapproved change merged: %+v", out)
	}
}

func (s *suite) foreign(t *testing.T) {
	s.NewProject(t, "p")
	a, b := s.Propose(t, "p", "a", "x"), s.Propose(t, "p", "b", "x")
	s.Approve(t, a)
	old := s.tip(t, "p")
	for id, commit := range map[string]string{"r1": s.facts(t, "p", b).Commit, "r2": "0123456789012345678901234567890123456789"} {
		r := landing(id, s.facts(t, "p", a))
		r.Commits[0].Commit = commit
		if out := s.report(t, r); out.Merged || s.tip(t, "p") != old {
			t.Errorf("landed %s: %+v", commit, out)
		}
	}
}
