package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// landing is a report that lands the own commits of changes.
func landing(changes ...scheduler.Change) source.Report {
	r := source.Report{ID: "r1", Message: "Build succeeded.", Votes: map[string]int{"Verified": 2}, Submit: true}
	for _, c := range changes {
		r.Refs = append(r.Refs, c.Ref)
		r.Commits = append(r.Commits, scheduler.RepoCommit{Project: c.Project, Branch: c.Branch, Commit: c.Commit})
	}
	return r
}

// approved makes two projects with an approved change each.
func approved(t *testing.T, s *server) []scheduler.Change {
	t.Helper()
	var changes []scheduler.Change
	for i, name := range []string{"p", "q"} {
		c := s.project(name)
		c.commit("f", "x", "Write f")
		c.propose()
		if err := s.Approve("bob", i+1, ""); err != nil {
			t.Fatal(err)
		}
		changes = append(changes, s.facts(name, i+1))
	}
	s.collect(6)
	return changes
}

func TestInterruptedLandingIsFinished(t *testing.T) {
	t.Parallel()
	for moved := range 3 {
		for _, restart := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d of 2 moved, restart %v", moved, restart), func(t *testing.T) {
				t.Parallel()
				s := newServer(t)
				changes := approved(t, s)
				r := landing(changes...)
				if err := s.BeginReport(t.Context(), r, moved); err != nil {
					t.Fatal(err)
				}
				if restart {
					s.restart()
				}
				for range 2 {
					if out, err := s.Report(t.Context(), r); err != nil || !out.Merged {
						t.Fatalf("outcome %+v, %v", out, err)
					}
				}
				for _, c := range changes {
					if f := s.facts(c.Name, c.Number); !f.Merged {
						t.Errorf("change %d is not merged", c.Number)
					}
					if b, err := s.Branches(t.Context(), c.Name); err != nil || b[0].Commit != c.Commit {
						t.Errorf("branches of %s: %v, %v", c.Name, b, err)
					}
				}
				var got []string
				for _, e := range s.collect(4) {
					got = append(got, e.Type)
				}
				if want := []string{"ref-updated", "ref-updated", "change-merged", "change-merged"}; !slices.Equal(got, want) {
					t.Errorf("events %q", got)
				}
			})
		}
	}
}

func TestInterruptedLandingIsUndoneWhenABranchMoved(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	changes := approved(t, s)
	r := landing(changes...)
	if err := s.BeginReport(t.Context(), r, 1); err != nil {
		t.Fatal(err)
	}
	p, q := filepath.Join(s.dir, "git/p.git"), filepath.Join(s.dir, "git/q.git")
	c := &clone{t: t, s: s, dir: filepath.Join(t.TempDir(), "c"), user: "mallory"}
	if out, err := c.run("", "clone", "-q", q, c.dir); err != nil {
		t.Fatal(out)
	}
	c.commit("g", "x", "Past the server")
	c.git("push", "-q", q, "main")
	s.restart()
	out, err := s.Report(t.Context(), r)
	if err != nil || out.Merged || out.Detail == "" {
		t.Errorf("outcome %+v, %v", out, err)
	}
	if tip := c.git("ls-remote", p, "refs/heads/main"); tip[:40] == changes[0].Commit {
		t.Error("p was not moved back")
	}
	if f := s.facts("p", 1); f.Merged || !f.Open {
		t.Errorf("facts %+v", f)
	}
}

func TestStaleLocksAndQuarantinesAreCleared(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.project("p")
	repo := filepath.Join(s.dir, "git/p.git")
	for _, name := range []string{"refs/heads/main.lock", "packed-refs.lock"} {
		if err := os.WriteFile(filepath.Join(repo, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(repo, "objects/incoming-1/aa"), 0o755); err != nil {
		t.Fatal(err)
	}
	s.restart()
	left, err := filepath.Glob(filepath.Join(repo, "objects/incoming-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	c.commit("f", "x", "Write f")
	c.propose()
	if err := s.Approve("bob", 1, ""); err != nil {
		t.Fatal(err)
	}
	if out, err := s.Report(t.Context(), landing(s.facts("p", 1))); err != nil || !out.Merged {
		t.Errorf("outcome %+v, %v", out, err)
	}
}
