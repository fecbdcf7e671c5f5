package local_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/source/local"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestVotesAndStates(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	c.commit("a", "a", "Add a")
	c.propose()
	steps := []struct {
		do      func() error
		missing []string
		blocked bool
	}{
		{func() error { return s.Vote("bob", 1, "Verified", 1, "") }, []string{"Workflow"}, false},
		{func() error { return s.Approve("bob", 1, "fine") }, nil, false},
		{func() error { return s.Vote("alice", 1, "Workflow", -1, "wait") }, nil, true},
		{func() error { return s.Vote("alice", 1, "Workflow", 0, "") }, nil, false},
		{func() error { return s.Vote("alice", 1, "Code-Review", -2, "") }, nil, true},
		{func() error { return s.Vote("alice", 1, "Code-Review", 2, "") }, nil, false},
		{func() error { return s.Vote(local.Robot, 1, "Verified", -2, "") }, nil, false},
	}
	for i, step := range steps {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if f := s.facts("p", 1); !slices.Equal(f.MissingLabels, step.missing) || f.Blocked != step.blocked {
			t.Errorf("step %d: missing %v, blocked %v", i, f.MissingLabels, f.Blocked)
		}
	}
	wantCode(t, s.Vote("bob", 1, "Beauty", 1, ""), source.CodeInvalid)
	wantCode(t, s.Vote("bob", 1, "Workflow", 3, ""), source.CodeInvalid)
	wantCode(t, s.Vote("bob", 9, "Workflow", 1, ""), source.CodeNotFound)
	wantCode(t, s.Comment("bob", 1, " \n"), source.CodeInvalid)
	wantCode(t, s.Comment("bob", 1, strings.Repeat("x", 1<<20)), source.CodeInvalid)
	wantCode(t, s.Restore("bob", 1, ""), source.CodeConflict)
	if err := s.Abandon("bob", 1, "no"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.Approve("bob", 1, ""), source.CodeConflict)
	if err := s.Restore("bob", 1, ""); err != nil {
		t.Fatal(err)
	}
	events := s.collect(2 + len(steps) + 2)
	if e := events[3]; e.Type != "comment-added" || len(e.Votes) != 2 || e.Comment != "fine" || e.Username != "bob" {
		t.Errorf("event of approval %+v", e)
	}
	if e := events[len(events)-2]; e.Type != "change-abandoned" || !e.Abandoned {
		t.Errorf("event %+v", e)
	}
	if e := events[len(events)-1]; e.Type != "change-restored" || !e.Changes[0].Open {
		t.Errorf("event %+v", e)
	}
}

func TestListAndDiff(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	p, q := s.project("p"), s.project("q")
	for _, c := range []*clone{p, q} {
		for _, name := range []string{"a", "b", "c"} {
			c.commit(name, name+"\n", "Add "+name)
		}
		c.propose()
	}
	if err := s.Abandon("alice", 2, ""); err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]local.Filter{
		"6 5 4 3 2 1": {},
		"6 5":         {Limit: 2},
		"4 3 2 1":     {Before: 5},
		"3 2 1":       {Project: "p", Branch: "main"},
		"6 5 4 3 1":   {Status: local.StatusOpen},
		"2":           {Status: local.StatusAbandoned, Owner: "alice"},
		"":            {Owner: "ali"},
		"1":           {Project: "p", Before: 2},
	} {
		list, err := s.Changes(f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range list {
			got = append(got, string(rune('0'+c.Number)))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%+v: %v, want %s", f, got, want)
		}
	}
	text, truncated, err := s.Diff(t.Context(), 1, 0)
	if err != nil || truncated || !strings.Contains(string(text), "+++ b/a\n@@ -0,0 +1 @@\n+a\n") {
		t.Errorf("diff %s, %v, %v", text, truncated, err)
	}
	_, _, err = s.Diff(t.Context(), 1, 2)
	wantCode(t, err, source.CodeNotFound)
}

func TestProjectNames(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, name := range []string{"", "..", "a/../b", "/a", "a/", "a//b", "-a", "a.git", "a b", "a\x00", "x/.hidden", strings.Repeat("a", 300)} {
		_, err := s.CreateProject(t.Context(), name, "")
		wantCode(t, err, source.CodeInvalid)
	}
	if _, err := s.CreateProject(t.Context(), "a/b", "trunk"); err != nil {
		t.Fatal(err)
	}
	_, err := s.CreateProject(t.Context(), "a/b", "")
	wantCode(t, err, source.CodeConflict)
	_, err = s.CreateProject(t.Context(), "c", "--bad..")
	wantCode(t, err, source.CodeInvalid)
	if all, err := s.Projects(); err != nil || len(all) != 1 || all[0].DefaultBranch != "trunk" {
		t.Errorf("projects %v, %v", all, err)
	}
}

func TestReportOnOldPatchsetKeepsVotes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	c.commit("a", "a", "Add a")
	c.propose()
	old := s.facts("p", 1).Ref
	c.git("commit", "-q", "--amend", "--no-edit", "--date=2001-01-01T00:00:00Z")
	c.propose()
	_, err := s.Report(t.Context(), source.Report{
		ID: "r1", Refs: []scheduler.Ref{old}, Message: "Build failed.", Votes: map[string]int{"Verified": -1, "Beauty": 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	if f := s.facts("p", 1); len(f.Votes) != 0 {
		t.Errorf("votes %v", f.Votes)
	}
	comments, err := s.Comments(1)
	if err != nil {
		t.Fatal(err)
	}
	last := comments[len(comments)-1]
	if last.Patchset != 1 || !strings.Contains(last.Message, "Build failed.") || !strings.Contains(last.Message, "Beauty") {
		t.Errorf("comment %+v", last)
	}
}
