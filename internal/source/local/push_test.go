package local_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/internal/source/local"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestPushMakesAChange(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("org/project")
	commit := c.commit("a.txt", "a\n", "Add a\n\nIt is needed.")
	if got := c.propose(); !slices.Equal(got, []int{1}) {
		t.Fatalf("announced %v", got)
	}
	got := s.facts("org/project", 1)
	want := scheduler.Change{
		Ref: scheduler.Ref{
			Connection: "local", Project: "local/org/project", Name: "org/project", Branch: "main",
			Ref: "refs/changes/01/1/1", Number: 1, Patchset: 1, URL: s.http.URL + "/change/1", Owner: "alice",
		},
		Open: true, MissingLabels: []string{"Verified", "Workflow"}, Subject: "Add a", Commit: commit,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c.refused("no new changes", "push", "origin", "HEAD:refs/for/main")
	c.git("fetch", "-q", "origin", "refs/changes/01/1/1")
	if got := c.git("rev-parse", "FETCH_HEAD"); got != commit {
		t.Errorf("fetched %s, want %s", got, commit)
	}
	events := s.collect(2)
	if e := events[0]; e.Type != "ref-updated" || !e.BranchCreated || !e.ConfigChanged || e.Ref.Ref != "refs/heads/main" {
		t.Errorf("first event %+v", e)
	}
	if e := events[1]; e.Type != "patchset-created" || !e.NewPatchset || len(e.Changes) != 1 || e.Username != "alice" {
		t.Errorf("second event %+v", e)
	}
}

func TestAmendedCommitContinuesTheChange(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"subject and author": "Add a",
		"change id":          "Add a\n\nChange-Id: I0123456789012345678901234567890123456789",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			c := s.project("p")
			c.commit("a.txt", "a\n", message)
			c.propose()
			for _, vote := range []scheduler.Vote{
				{Label: local.LabelCodeReview, Value: -2}, {Label: local.LabelVerified, Value: 1}, {Label: local.LabelWorkflow, Value: 1},
			} {
				if err := s.Vote("bob", 1, vote.Label, vote.Value, ""); err != nil {
					t.Fatal(err)
				}
			}
			c.write("a.txt", "b\n")
			if strings.Contains(message, "Change-Id") {
				message = strings.Replace(message, "Add a", "Add b", 1)
			}
			c.git("commit", "-q", "-a", "--amend", "-m", message)
			if got := c.propose(); !slices.Equal(got, []int{1}) {
				t.Fatalf("announced %v", got)
			}
			f := s.facts("p", 1)
			if f.Patchset != 2 || !f.Blocked || len(f.Votes) != 1 {
				t.Errorf("after the second patchset: %+v", f)
			}
		})
	}
}

func TestSeriesMakesOneChangePerCommit(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	c.commit("a.txt", "a\n", "Same words")
	c.commit("b.txt", "b\n", "Same words")
	c.commit("c.txt", "c\n", "Other words")
	if got := c.propose(); !slices.Equal(got, []int{1, 2, 3}) {
		t.Fatalf("announced %v", got)
	}
	want := []scheduler.Need{{Change: scheduler.ChangeKey{Project: "local/p", Number: 2}, Patchset: 1, Parent: true}}
	if diff := cmp.Diff(want, s.facts("p", 3).Needs); diff != "" {
		t.Error(diff)
	}
	all, err := s.Closure(t.Context(), "p", 2)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, f := range all {
		numbers = append(numbers, f.Number)
	}
	if !slices.Equal(numbers, []int{2, 1, 3}) {
		t.Errorf("closure of 2 is %v, want itself, its need, its needer", numbers)
	}
	// Rewriting the first commit rewrites all: each change gets a patchset.
	c.git("rebase", "-q", "--exec", "git commit -q --amend --no-edit --date=2001-01-01T00:00:00Z", "HEAD~3")
	if got := c.propose(); !slices.Equal(got, []int{1, 2, 3}) {
		t.Fatalf("announced %v", got)
	}
	if f := s.facts("p", 2); f.Patchset != 2 || f.Needs[0].Patchset != 2 {
		t.Errorf("second change %+v", f)
	}
}

func TestChangeIDIsTakenAtItsWord(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	c.commit("a", "a", "A\n\nChange-Id: I1111111111")
	c.commit("b", "b", "B\n\nChange-Id: I1111111111")
	c.refused("have the same Change-Id", "push", "origin", "HEAD:refs/for/main")
	c.git("reset", "-q", "--hard", "HEAD~1")
	c.propose()
	if err := s.Abandon("alice", 1, ""); err != nil {
		t.Fatal(err)
	}
	c.git("commit", "-q", "--amend", "-m", "C\n\nChange-Id: I1111111111")
	c.refused("change 1, which is abandoned; restore it", "push", "origin", "HEAD:refs/for/main")
	if err := s.Restore("alice", 1, ""); err != nil {
		t.Fatal(err)
	}
	if got := c.propose(); !slices.Equal(got, []int{1}) {
		t.Errorf("announced %v", got)
	}
}

func TestDependsOn(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a, b := s.project("a"), s.project("b")
	a.commit("x", "x", "Needed")
	a.propose()
	b.commit("x", "x", fmt.Sprintf("Needs\n\ndepends-on: %s/change/1\nDepends-On: https://example.org/change/5\nDepends-On: %[1]s/change/77\nDepends-On: %[1]s/change/1", s.http.URL))
	out := b.git("push", "origin", "HEAD:refs/for/main")
	if !strings.Contains(out, s.http.URL+"/change/77 names no change") || !strings.Contains(out, "https://example.org/change/5 is on another server") {
		t.Errorf("no warning in %s", out)
	}
	want := []scheduler.Need{
		{Change: scheduler.ChangeKey{Project: "local/a", Number: 1}},
		{Change: scheduler.ChangeKey{Project: local.UnknownProject, Number: 77}},
	}
	if diff := cmp.Diff(want, s.facts("b", 2).Needs); diff != "" {
		t.Error(diff)
	}
	comments, err := s.Comments(2)
	if err != nil {
		t.Fatal(err)
	}
	if last := comments[len(comments)-1]; last.Author != local.Robot || !strings.Contains(last.Message, "/change/77 names no change") {
		t.Errorf("last comment %+v", last)
	}
	if all, err := s.Closure(t.Context(), "a", 1); err != nil || len(all) != 2 {
		t.Errorf("closure of the needed change: %v, %v", all, err)
	}
}

func TestDirectPushes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	c.commit("a.txt", "a\n", "Add a")
	c.refused("git push origin HEAD:refs/for/main", "push", "origin", "HEAD:refs/heads/main")
	c.refused("only an administrator may create branch", "push", "origin", "HEAD:refs/heads/stable")
	c.refused("only an administrator may delete branch", "push", "origin", ":refs/heads/main")
	c.refused("only an administrator may push tags", "push", "origin", "HEAD:refs/tags/v1")
	c.refused("push to refs/for/main", "push", "origin", "HEAD:refs/changes/01/1/1")
	c.refused("has no branch nothing", "push", "origin", "HEAD:refs/for/nothing")
	root := s.remote("root:root-token@", "p.git")
	c.git("push", root, "HEAD:refs/heads/stable")
	c.git("push", root, "HEAD:refs/tags/v1")
	c.refused("can't be moved", "push", "-f", root, "HEAD~1:refs/tags/v1")
	c.git("push", root, ":refs/heads/stable")
	got := s.collect(4)
	for i, ok := range []bool{
		got[0].BranchCreated && got[0].Username == "alice",
		got[1].BranchCreated && got[1].Ref.Branch == "stable",
		got[2].Ref.Ref == "refs/tags/v1" && got[2].Ref.Branch == "" && !got[2].ConfigChanged,
		got[3].BranchDeleted && got[3].ConfigChanged,
	} {
		if !ok {
			t.Errorf("event %d: %+v", i, got[i])
		}
	}
}

func TestPushNeedsAToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	c.commit("a.txt", "a\n", "Add a")
	for _, who := range []string{"", "alice:wrong@", "bob:alice-token@"} {
		if out, err := c.run(c.dir, "push", s.remote(who, "p"), "HEAD:refs/for/main"); err == nil {
			t.Errorf("push as %q succeeded: %s", who, out)
		}
	}
	c.git("ls-remote", s.remote("", "p"))
	if changes, err := s.Changes(local.Filter{}); err != nil || len(changes) != 0 {
		t.Errorf("changes %v, %v", changes, err)
	}
}

func TestConcurrentPushes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	origin := s.project("p")
	const n = 12
	clones := make([]*clone, n)
	for i := range clones {
		clones[i] = &clone{t: t, s: s, dir: filepath.Join(t.TempDir(), "c"), user: "alice"}
		origin.git("clone", "-q", s.remote("alice:alice-token@", "p"), clones[i].dir)
		clones[i].commit(fmt.Sprintf("f%d", i), "x", fmt.Sprintf("Change %d", i))
	}
	var wg sync.WaitGroup
	for _, c := range clones {
		wg.Go(func() {
			if out, err := c.run(c.dir, "push", "origin", "HEAD:refs/for/main"); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	changes, err := s.Changes(local.Filter{Project: "p", Status: local.StatusOpen})
	if err != nil || len(changes) != n {
		t.Fatalf("%d changes, %v", len(changes), err)
	}
	for i, c := range changes {
		if c.Number != n-i {
			t.Errorf("change %d at place %d: not newest first without gaps", c.Number, i)
		}
		ref := origin.git("ls-remote", "origin", c.Ref(1))
		if !strings.HasPrefix(ref, c.Current().Commit) {
			t.Errorf("ref of change %d is %q", c.Number, ref)
		}
	}
	quarantine, err := filepath.Glob(filepath.Join(s.dir, "git/p.git/objects/incoming-*"))
	if err != nil || len(quarantine) != 0 {
		t.Errorf("left behind: %v, %v", quarantine, err)
	}
}

func TestOversizedPackIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *local.Config) { c.Limits.PackBytes = 1 << 20 })
	c := s.project("p")
	random := make([]byte, 3<<20)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	c.commit("big", string(random), "Big")
	c.refused("larger than 1048576 bytes", "push", "origin", "HEAD:refs/for/main")
	c.git("reset", "-q", "--hard", "HEAD~1")
	c.commit("small", "x", "Small")
	c.propose()
}

func TestManyCommitsAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *local.Config) { c.Limits.Changes = 2 })
	c := s.project("p")
	for i := range 3 {
		c.commit("f", fmt.Sprint(i), fmt.Sprintf("Commit %d", i))
	}
	c.refused("more than 2 commits", "push", "origin", "HEAD:refs/for/main")
}

// TestTopic pushes changes of one topic: each comes with the others, until
// they are abandoned.
func TestTopic(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a, b := s.project("a"), s.project("b")
	a.commit("x", "x", "One")
	a.git("push", "origin", "HEAD:refs/for/main%topic=rename")
	b.commit("x", "x", "Other")
	b.git("push", "origin", "HEAD:refs/for/main%topic=rename")
	if got := s.facts("b", 2).Topic; got != "rename" {
		t.Errorf("topic %q", got)
	}
	all, err := s.Closure(t.Context(), "b", 2)
	if err != nil || len(all) != 2 || all[1].Number != 1 {
		t.Errorf("closure of a change with a topic: %v, %v", all, err)
	}
	if err := s.Abandon("admin", 1, ""); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Closure(t.Context(), "b", 2); err != nil || len(all) != 1 {
		t.Errorf("closure beside an abandoned change: %v, %v", all, err)
	}
}
