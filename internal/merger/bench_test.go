package merger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/merger"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// TestMain fails when a test leaves a goroutine or a process behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if left := children(); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "processes left behind:", left)
		code = 1
	}
	os.Exit(code)
}

// children lists the processes that this one started and that still exist.
func children() []string {
	self := strconv.Itoa(os.Getpid())
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var found []string
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, after, _ := strings.Cut(string(data), ") ")
		if f := strings.Fields(after); len(f) > 1 && f[1] == self {
			found = append(found, string(data))
		}
	}
	return found
}

// bench is one project with a work tree to make commits in.
type bench struct {
	t      testing.TB
	merger *merger.Merger
	pool   *git.Pool
	bare   string
	work   string
	next   int
}

const project = scheduler.ProjectName("local/p")

// Repository makes the bench a merger.Repositories.
func (b *bench) Repository(_ context.Context, name scheduler.ProjectName) (string, error) {
	if name != project {
		return "", &source.Error{Code: source.CodeNotFound, Message: "there is no project " + string(name)}
	}
	return b.bare, nil
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, pool: git.NewPool(git.PoolConfig{}), bare: filepath.Join(t.TempDir(), "p.git"), work: filepath.Join(t.TempDir(), "p")}
	b.merger = merger.New(b, b.pool)
	t.Cleanup(func() {
		if err := b.pool.Close(); err != nil {
			t.Error(err)
		}
	})
	b.run("", "init", "-q", "--bare", "-b", "main", b.bare)
	b.run("", "init", "-q", "-b", "main", b.work)
	b.commit("First", map[string]string{"README": "hello\n"})
	b.push("refs/heads/main")
	return b
}

func (b *bench) try(dir string, args ...string) (string, error) {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(git.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (b *bench) run(dir string, args ...string) string {
	b.t.Helper()
	out, err := b.try(dir, args...)
	if err != nil {
		b.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (b *bench) commit(message string, files map[string]string) string {
	b.t.Helper()
	for name, text := range files {
		path := filepath.Join(b.work, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			b.t.Fatal(err)
		}
	}
	b.run(b.work, "add", "-A")
	b.run(b.work, "commit", "-q", "--allow-empty", "-m", message)
	return b.run(b.work, "rev-parse", "HEAD")
}

func (b *bench) push(ref string) {
	b.t.Helper()
	b.run(b.work, "push", "-q", "-f", b.bare, "HEAD:"+ref)
}

// change makes a change of one commit on top of a commit.
func (b *bench) change(on string, files map[string]string) scheduler.Ref {
	b.t.Helper()
	b.run(b.work, "checkout", "-q", "--detach", on)
	b.next++
	b.commit(fmt.Sprintf("Change %d", b.next), files)
	ref := scheduler.Ref{
		Connection: "local", Project: project, Name: "p", Branch: "main",
		Ref: fmt.Sprintf("refs/changes/%02d/%d/1", b.next%100, b.next), Number: b.next, Patchset: 1,
	}
	b.push(ref.Ref)
	return ref
}

func (b *bench) merge(base []scheduler.RepoCommit, refs ...scheduler.Ref) merger.Result {
	b.t.Helper()
	res, err := b.merger.Merge(b.t.Context(), merger.Request{Base: base, Refs: refs})
	if err != nil {
		b.t.Fatal(err)
	}
	return res
}

func (b *bench) rev(name string) string {
	b.t.Helper()
	return b.run(b.bare, "rev-parse", name)
}
