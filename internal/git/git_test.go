package git_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gozer-ci/gozer/internal/git"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newRepo(t *testing.T, cfg git.PoolConfig) (git.Repo, *git.Pool) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "r.git")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	output(t, git.Command{Dir: dir, Args: []string{"init", "-q", "--bare", "-b", "main"}})
	pool := git.NewPool(cfg)
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	return pool.Repo(dir), pool
}

func output(t *testing.T, c git.Command) string {
	t.Helper()
	out, err := git.Output(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

func commit(t *testing.T, r git.Repo, message string, parents ...string) string {
	t.Helper()
	output(t, git.Command{Dir: r.Dir, Args: []string{"hash-object", "-t", "tree", "-w", "/dev/null"}})
	hash, err := r.WriteCommit(t.Context(), emptyTree, parents, "A <a@b>", 1000000000, message)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestWriteCommitMakesWhatGitMakes(t *testing.T) {
	t.Parallel()
	r, _ := newRepo(t, git.PoolConfig{})
	got := commit(t, r, "Subject\n\nBody\n")
	want := output(t, git.Command{Dir: r.Dir, Args: []string{"commit-tree", emptyTree}, Stdin: strings.NewReader("Subject\n\nBody\n"), Env: []string{
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@b", "GIT_AUTHOR_DATE=1000000000 +0000",
		"GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@b", "GIT_COMMITTER_DATE=1000000000 +0000",
	}})
	if got != want {
		t.Errorf("wrote %s, git makes %s", got, want)
	}
	c, err := r.Commit(t.Context(), got)
	if err != nil || c.Subject() != "Subject" || c.CommitTime != 1000000000 || c.Author != "A <a@b>" || c.Tree != emptyTree {
		t.Errorf("read back %+v, %v", c, err)
	}
	if err := r.SyncCommit(t.Context(), c); err != nil {
		t.Error(err)
	}
}

func TestRefsMoveTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	r, _ := newRepo(t, git.PoolConfig{})
	a, b := commit(t, r, "a"), commit(t, r, "b")
	zero := git.Zero(a)
	if err := r.UpdateRefs(t.Context(), git.RefUpdate{Name: "refs/heads/x", New: a, Old: zero}); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []git.RefUpdate{{Name: "refs/heads/x", New: b, Old: b}, {Name: "refs/heads/x", New: b, Old: zero}} {
		err := r.UpdateRefs(t.Context(), git.RefUpdate{Name: "refs/heads/y", New: a, Old: zero}, wrong)
		if !errors.Is(err, git.ErrRefMoved) {
			t.Errorf("error %v", err)
		}
	}
	if _, err := r.Resolve(t.Context(), "refs/heads/y"); !errors.Is(err, git.ErrMissing) {
		t.Errorf("y: %v", err)
	}
	if err := r.UpdateRefs(t.Context(), git.RefUpdate{Name: "refs/heads/x", New: b, Old: a}, git.RefUpdate{Name: "refs/heads/y", New: a}); err != nil {
		t.Fatal(err)
	}
	refs, err := r.Refs(t.Context(), "refs/heads/")
	if err != nil || fmt.Sprint(refs) != fmt.Sprintf("[{refs/heads/x %s} {refs/heads/y %s}]", b, a) {
		t.Errorf("refs %v, %v", refs, err)
	}
	for _, bad := range []string{"refs/heads/a b", "refs/heads/x\ndelete refs/heads/y", "main", "refs/heads/-x", "refs/heads/a..b", "refs/heads/x.lock", "refs//x"} {
		if err := r.UpdateRefs(t.Context(), git.RefUpdate{Name: bad, New: a}); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestProcessesSeeWhatOthersAdd(t *testing.T) {
	t.Parallel()
	r, _ := newRepo(t, git.PoolConfig{})
	missing := strings.Repeat("1", 40)
	if _, _, err := r.Size(t.Context(), missing); !errors.Is(err, git.ErrMissing) {
		t.Fatalf("error %v", err)
	}
	first := commit(t, r, "first")
	output(t, git.Command{Dir: r.Dir, Args: []string{"update-ref", "refs/heads/main", first}})
	output(t, git.Command{Dir: r.Dir, Args: []string{"repack", "-q", "-a", "-d"}})
	for range 2 { // the second time the objects have gone into another pack
		if got, err := r.Resolve(t.Context(), "refs/heads/main^{tree}"); err != nil || got != emptyTree {
			t.Errorf("resolved %s, %v", got, err)
		}
		second := commit(t, r, "second", first)
		output(t, git.Command{Dir: r.Dir, Args: []string{"update-ref", "refs/heads/main", second}})
		output(t, git.Command{Dir: r.Dir, Args: []string{"repack", "-q", "-a", "-d"}})
		if got, err := r.Resolve(t.Context(), "refs/heads/main"); err != nil || got != second {
			t.Errorf("resolved %s, %v, want %s", got, err, second)
		}
	}
	if ok, err := r.IsAncestor(t.Context(), first, first); !ok || err != nil {
		t.Errorf("own ancestor: %v, %v", ok, err)
	}
}

func TestPoolIsBoundedAndShared(t *testing.T) {
	t.Parallel()
	a, pool := newRepo(t, git.PoolConfig{Processes: 2, Uses: 3})
	repos := []git.Repo{a}
	for range 3 {
		other, _ := newRepo(t, git.PoolConfig{})
		repos = append(repos, pool.Repo(other.Dir))
	}
	var hashes []string
	for _, r := range repos {
		hashes = append(hashes, commit(t, r, "c"))
	}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			r := repos[i%len(repos)]
			if _, _, err := r.Size(t.Context(), hashes[i%len(repos)]); err != nil {
				t.Error(err)
			}
			if err := r.UpdateRefs(t.Context(), git.RefUpdate{Name: fmt.Sprintf("refs/heads/b%d", i), New: hashes[i%len(repos)]}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Size(t.Context(), hashes[0]); !errors.Is(err, git.ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestDeadlineKillsTheWholeGroup(t *testing.T) {
	t.Parallel()
	r, _ := newRepo(t, git.PoolConfig{})
	marker := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		// An alias is the only way in which git here starts another program.
		done <- git.Run(ctx, git.Command{Dir: r.Dir, Config: []string{"alias.hang=!echo $$ >" + marker + ".tmp; mv " + marker + ".tmp " + marker + "; sleep 1000"}, Args: []string{"hang"}})
	}()
	pid := waitFor(t, marker)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	waitGone(t, "/proc/"+pid)
}

// waitFor polls for a file with a ticker, since another program writes it.
func waitFor(t *testing.T, path string) string {
	t.Helper()
	for range ticks(t) {
		if data, err := os.ReadFile(path); err == nil {
			return strings.TrimSpace(string(data))
		}
	}
	t.Fatalf("%s did not appear", path)
	return ""
}

func waitGone(t *testing.T, path string) {
	t.Helper()
	for range ticks(t) {
		state, err := os.ReadFile(path + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
	}
	t.Errorf("%s is still there", path)
}

func ticks(t *testing.T) func(func(struct{}) bool) {
	return func(yield func(struct{}) bool) {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		deadline := time.NewTimer(20 * time.Second)
		defer deadline.Stop()
		for {
			select {
			case <-tick.C:
				if !yield(struct{}{}) {
					return
				}
			case <-deadline.C:
				return
			case <-t.Context().Done():
				return
			}
		}
	}
}

func TestIdleProcessesEnd(t *testing.T) {
	t.Parallel()
	r, _ := newRepo(t, git.PoolConfig{Idle: 20 * time.Millisecond})
	hash := commit(t, r, "c")
	for range 2 { // a process that ended is replaced
		if _, _, err := r.Size(t.Context(), hash); err != nil {
			t.Fatal(err)
		}
		gone := false
		for range ticks(t) {
			if gone = !runsIn(r.Dir); gone {
				break
			}
		}
		if !gone {
			t.Error("the process is still there")
		}
	}
}

// runsIn reports whether a process works on a repository.
func runsIn(dir string) bool {
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range paths {
		if env, err := os.ReadFile(path); err == nil && strings.Contains(string(env), "GIT_DIR="+dir+"\x00") {
			return true
		}
	}
	return false
}
