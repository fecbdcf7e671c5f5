package merger_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/internal/merger"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestChangeOnTheTipIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.change("main", map[string]string{"a": "a", "d/b": "b"})
	res := b.merge(nil, a)
	want := []scheduler.RepoCommit{{Project: project, Branch: "main", Commit: b.rev(a.Ref), Base: b.rev("main")}}
	if diff := cmp.Diff(want, res.State); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[int][]string{0: {"a", "d/b"}}, res.Changed); diff != "" {
		t.Error(diff)
	}
}

func TestStateGrowsFromItemToItem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tip := b.rev("main")
	a, c := b.change("main", map[string]string{"a": "a"}), b.change("main", map[string]string{"zuul.d/c.yaml": "[]"})
	first := b.merge(nil, a)
	second := b.merge(first.State, c)
	entry := second.State[0]
	if len(second.State) != 1 || entry.Base != tip || !entry.Config || first.State[0].Config {
		t.Errorf("states %+v, %+v", first.State, second.State)
	}
	if got, want := b.rev(entry.Commit+"^@"), b.rev(a.Ref)+"\n"+b.rev(c.Ref); got != want {
		t.Errorf("parents %q, want %q", got, want)
	}
	if got := second.Changed[0]; !slices.Equal(got, []string{"zuul.d/c.yaml"}) {
		t.Errorf("changed %q", got)
	}
	if diff := cmp.Diff(second, b.merge(first.State, c)); diff != "" {
		t.Errorf("the same merge gave another state: %s", diff)
	}
	if both := b.merge(nil, a, c); both.State[0].Commit != entry.Commit {
		t.Errorf("two changes at once gave %s, one after the other %s", both.State[0].Commit, entry.Commit)
	}
	if err := os.Remove(filepath.Join(b.bare, "objects", entry.Commit[:2], entry.Commit[2:])); err != nil {
		t.Fatal(err)
	}
	b.pool.Forget(b.bare)
	if again := b.merge(first.State, c); again.State[0].Commit != entry.Commit || b.rev(entry.Commit+"^{tree}") == "" {
		t.Errorf("made anew it is %s, want %s", again.State[0].Commit, entry.Commit)
	}
}

func TestConflictNamesTheFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a, c := b.change("main", map[string]string{"x": "1", "y": "1", "z": "same"}), b.change("main", map[string]string{"x": "2", "y": "2", "z": "same"})
	res := b.merge(nil, a, c)
	if !res.Conflict || res.Detail != "Change 2,1 of p conflicts in x, y." || res.State != nil {
		t.Errorf("result %+v", res)
	}
}

func TestWhatCannotBeMerged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.change("main", map[string]string{"a": "a"})
	gone, nowhere, stranger := a, a, a
	gone.Ref = "refs/changes/09/9/1"
	nowhere.Branch = "stable"
	stranger.Project = "local/q"
	b.run(b.work, "checkout", "-q", "--orphan", "other")
	b.commit("Unrelated", map[string]string{"u": "u"})
	b.push("refs/changes/77/77/1")
	unrelated := a
	unrelated.Ref, unrelated.Number = "refs/changes/77/77/1", 77
	for words, ref := range map[string]scheduler.Ref{
		"not in its repository": gone, "no branch stable": nowhere,
		"no project local/q": stranger, "no commit in common": unrelated,
	} {
		if res := b.merge(nil, ref); !res.Conflict || !strings.Contains(res.Detail, words) {
			t.Errorf("%s: %+v", words, res)
		}
	}
}

func TestMergedChangeStays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.change("main", map[string]string{"a": "a"})
	b.push("refs/heads/main")
	b.commit("More", map[string]string{"m": "m"})
	b.push("refs/heads/main")
	if res := b.merge(nil, a); res.Conflict || res.State[0].Commit != b.rev("main") || len(res.Changed[0]) != 0 {
		t.Errorf("result %+v", res)
	}
}

func TestBranchesAndTags(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	old := b.rev("main")
	b.commit("More", map[string]string{"m": "m"})
	b.push("refs/heads/main")
	b.run(b.work, "tag", "-a", "-m", "v1", "v1")
	b.run(b.work, "push", "-q", b.bare, "v1")
	tip, zero := b.rev("main"), strings.Repeat("0", 40)
	branch := scheduler.Ref{Project: project, Name: "p", Branch: "main", Ref: "refs/heads/main", OldRev: old, NewRev: tip}
	tag := scheduler.Ref{Project: project, Name: "p", Ref: "refs/tags/v1", OldRev: zero, NewRev: b.rev("v1")}
	res := b.merge(nil, branch, tag)
	want := merger.Result{
		State: []scheduler.RepoCommit{
			{Project: project, Branch: "main", Commit: tip, Base: tip},
			{Project: project, Commit: tip, Base: tip},
		},
		Changed: map[int][]string{0: {"m"}},
	}
	if diff := cmp.Diff(want, res); diff != "" {
		t.Error(diff)
	}
	branch.OldRev, branch.NewRev = tip, zero
	if res := b.merge(res.State, branch); len(res.State) != 1 || res.State[0].Branch != "" {
		t.Errorf("after deletion %+v", res.State)
	}
}

func TestReadFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	commit := b.commit("Config", map[string]string{
		"zuul.d/a.yaml": "a", "zuul.d/sub/b.yaml": "b", "zuul.d/notes.txt": "n", ".zuul.yaml": "z", "src/zuul.yaml": "no",
		"zuul.yaml": strings.Repeat("#", merger.MaxFileBytes+1), "end\nodd": "x",
	})
	if err := os.Symlink("/etc/passwd", filepath.Join(b.work, ".zuul.d")); err != nil {
		t.Fatal(err)
	}
	commit = b.commit("Link to "+commit, nil)
	b.push("refs/heads/main")
	files, err := b.merger.ReadFiles(t.Context(), project, commit, source.IsConfigFile)
	var limit *merger.LimitError
	if !errors.As(err, &limit) || limit.Path != "zuul.yaml" {
		t.Errorf("error %v", err)
	}
	want := []merger.File{{Path: ".zuul.yaml", Data: []byte("z")}, {Path: "zuul.d/a.yaml", Data: []byte("a")}, {Path: "zuul.d/sub/b.yaml", Data: []byte("b")}}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Error(diff)
	}
	tips, err := b.merger.Tips(t.Context(), project)
	if err != nil || tips["main"] != commit || len(tips) != 1 {
		t.Errorf("tips %v, %v", tips, err)
	}
}

// TestSpeculativeCommitsOutliveGit collects garbage as git does by itself:
// what is younger than two weeks stays, so that a state in a queue is safe
// without a ref that somebody would have to remove again.
func TestSpeculativeCommitsOutliveGit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a, c := b.change("main", map[string]string{"a": "a"}), b.change("main", map[string]string{"c": "c"})
	state := b.merge(nil, a, c).State
	b.run(b.bare, "gc", "-q")
	b.rev(state[0].Commit + "^{tree}")
}

// TestRandomMergesEqualGit compares with what a plain git merge in a work tree
// makes of the same commits.
func TestRandomMergesEqualGit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	lines := func() string {
		var text strings.Builder
		for i := range 12 {
			fmt.Fprintf(&text, "line %d %d\n", i, random.IntN(8)/7*random.IntN(3))
		}
		return text.String()
	}
	var commits []string
	for range 25 {
		files := map[string]string{}
		for range 1 + random.IntN(3) {
			files[fmt.Sprintf("d%d/f%d", random.IntN(2), random.IntN(4))] = lines()
		}
		on := "main"
		if len(commits) > 0 && random.IntN(2) == 0 {
			on = commits[random.IntN(len(commits))]
		}
		commits = append(commits, b.rev(b.change(on, files).Ref))
	}
	conflicts := 0
	for range 300 {
		base, number := commits[random.IntN(len(commits))], 1+random.IntN(len(commits))
		state := []scheduler.RepoCommit{{Project: project, Branch: "main", Commit: base, Base: base}}
		ref := scheduler.Ref{Project: project, Name: "p", Branch: "main", Ref: fmt.Sprintf("refs/changes/%02d/%d/1", number, number), Number: number, Patchset: 1}
		res := b.merge(state, ref)
		b.run(b.work, "checkout", "-q", "-f", "--detach", base)
		out, err := b.try(b.work, "merge", "-q", "--no-edit", commits[number-1])
		if res.Conflict != (err != nil) {
			t.Fatalf("merge of %s onto %s: %+v, git says %v %s", commits[number-1], base, res, err, out)
		}
		if err != nil {
			conflicts++
			b.run(b.work, "merge", "--abort")
			continue
		}
		if got, want := b.rev(res.State[0].Commit+"^{tree}"), b.run(b.work, "rev-parse", "HEAD^{tree}"); got != want {
			t.Fatalf("merge of %s onto %s gave tree %s, git gives %s", commits[number-1], base, got, want)
		}
	}
	t.Logf("%d of 300 merges conflict", conflicts)
}

func BenchmarkMerge(bm *testing.B) {
	b := newBench(bm)
	files := map[string]string{}
	for i := range 500 {
		files[fmt.Sprintf("d%d/e%d/f%d", i%10, i%7, i)] = fmt.Sprint(i)
	}
	base := b.commit("Many files", files)
	b.push("refs/heads/main")
	var refs []scheduler.Ref
	for i := range 50 {
		refs = append(refs, b.change(base, map[string]string{fmt.Sprintf("d%d/e%d/new%d", i%10, i%7, i): "x"}))
	}
	var state []scheduler.RepoCommit
	bm.ResetTimer()
	for i := 0; bm.Loop(); i++ {
		if i%50 == 0 {
			bm.StopTimer()
			state = b.merge(nil, b.change(base, map[string]string{"unique": fmt.Sprint(i)})).State
			bm.StartTimer()
		}
		state = b.merge(state, refs[i%50]).State
	}
}
