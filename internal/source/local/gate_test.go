package local_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/merger"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/source/local"
	"github.com/gozer-ci/gozer/scheduler"
)

// gate is the server with a merger, as the program puts them together.
type gate struct {
	*server
	merger *merger.Merger
	clone  *clone
}

func newGate(t testing.TB) *gate {
	s := newServer(t)
	g := &gate{server: s, merger: merger.New(source.Set{s.Source}, s.pool)}
	g.clone = s.project("p")
	return g
}

// propose makes n approved changes, all on the same commit.
func (g *gate) propose(n int, random *rand.Rand) []scheduler.Change {
	g.t.Helper()
	base := g.clone.git("rev-parse", "origin/main")
	var changes []scheduler.Change
	for i := range n {
		g.clone.git("reset", "-q", "--hard", base)
		g.clone.commit(fmt.Sprintf("d%d/f%d", random.IntN(3), random.IntN(2*n)), fmt.Sprintln(i, base), fmt.Sprintf("Change %d of %s", i, base))
		number := g.clone.propose()[0]
		if err := g.Approve("bob", number, ""); err != nil {
			g.t.Fatal(err)
		}
		changes = append(changes, g.facts("p", number))
	}
	return changes
}

func report(c scheduler.Change, state []scheduler.RepoCommit) source.Report {
	return source.Report{
		ID: scheduler.ReportID(fmt.Sprintf("gate-%d", c.Number)), Refs: []scheduler.Ref{c.Ref},
		Message: "Build succeeded.", Votes: map[string]int{"Verified": 2}, Submit: true, Commits: state,
	}
}

// TestWhatLandsIsWhatWasMerged runs changes through a gate that drops some of
// them: every tip must be the very commit of the state that was made for it.
func TestWhatLandsIsWhatWasMerged(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	landed := 0
	for range 4 {
		g.clone.git("fetch", "-q", "origin")
		var state []scheduler.RepoCommit
		for _, c := range g.propose(8, random) {
			res, err := g.merger.Merge(t.Context(), merger.Request{Base: state, Refs: []scheduler.Ref{c.Ref}})
			if err != nil {
				t.Fatal(err)
			}
			if res.Conflict || random.IntN(4) == 0 {
				continue // it conflicts or fails, and the next is tested without it
			}
			out, err := g.Report(t.Context(), report(c, res.State))
			if err != nil || !out.Merged {
				t.Fatalf("change %d: %+v, %v", c.Number, out, err)
			}
			branches, err := g.Branches(t.Context(), "p")
			if err != nil || branches[0].Commit != res.State[0].Commit {
				t.Fatalf("tip %v, want %s: %v", branches, res.State[0].Commit, err)
			}
			state = res.State
			landed++
		}
	}
	g.clone.git("fetch", "-q", "origin")
	merged, err := g.Changes(local.Filter{Status: local.StatusMerged})
	if err != nil || len(merged) != landed || landed == 0 {
		t.Errorf("%d changes are merged, %d landed: %v", len(merged), landed, err)
	}
	for _, c := range merged {
		g.clone.git("merge-base", "--is-ancestor", c.Current().Commit, "origin/main")
	}
	g.clone.git("fsck", "--strict", "--no-dangling")
	if out, err := g.clone.run(g.dir+"/git/p.git", "fsck", "--strict", "--no-dangling"); err != nil {
		t.Errorf("fsck: %s", out)
	}
}

// BenchmarkGate merges changes onto each other and lands each; it reports the
// mean time of both steps.
func BenchmarkGate(b *testing.B) {
	g := newGate(b)
	for i := range 500 {
		g.clone.write(fmt.Sprintf("d%d/e%d/g%d", i%10, i%7, i), fmt.Sprint(i))
	}
	g.clone.commit("start", "x", "Many files")
	g.clone.propose()
	if err := g.Approve("bob", 1, ""); err != nil {
		b.Fatal(err)
	}
	first := g.facts("p", 1)
	if out, err := g.Report(b.Context(), report(first, landing(first).Commits)); err != nil || !out.Merged {
		b.Fatal(err, out)
	}
	g.clone.git("fetch", "-q", "origin")
	changes := g.propose(b.N, rand.New(rand.NewPCG(1, 2)))
	var state []scheduler.RepoCommit
	var merging, landing time.Duration
	b.ResetTimer()
	for _, c := range changes {
		start := time.Now()
		res, err := g.merger.Merge(b.Context(), merger.Request{Base: state, Refs: []scheduler.Ref{c.Ref}})
		if err != nil {
			b.Fatal(err)
		}
		merging += time.Since(start)
		if res.Conflict {
			continue
		}
		start, state = time.Now(), res.State
		if out, err := g.Report(b.Context(), report(c, state)); err != nil || !out.Merged {
			b.Fatal(err, out.Detail)
		}
		landing += time.Since(start)
	}
	b.ReportMetric(float64(merging.Microseconds())/float64(b.N), "us/merge")
	b.ReportMetric(float64(landing.Microseconds())/float64(b.N), "us/land")
}
