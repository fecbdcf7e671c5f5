package executor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/internal/archive"
	"github.com/gozer-ci/gozer/scheduler"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// bench is a running service with everything around it.
type bench struct {
	t       testing.TB
	svc     *executor.Service
	cfg     executor.Config
	queue   chan *message
	results *results
	sink    *sink
	store   *archive.Store
	repos   repositories
	failing []scheduler.FailingBuild // announced so far
	stop    func()                   // ends the service and waits
}

func setup(t testing.TB, change ...func(*executor.Config)) *bench {
	t.Helper()
	store, err := archive.Open(filepath.Join(t.TempDir(), "logs"), archive.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{
		t: t, queue: make(chan *message, 16), results: &results{ch: make(chan scheduler.Command, 64)},
		sink: &sink{}, store: store, repos: repositories{},
	}
	b.cfg = executor.Config{
		Name: "executor-1", Dir: t.TempDir(), Slots: 2, Queue: queue(b.queue), Results: b.results, Console: b.sink,
		Repositories: b.repos, Archive: archiver{store}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	for _, c := range change {
		c(&b.cfg)
	}
	if b.svc, err = executor.New(b.cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.svc.Run(ctx)
	}()
	b.stop = func() { cancel(); <-done }
	t.Cleanup(func() {
		b.stop()
		b.noTraces()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// noTraces checks that neither workspaces nor processes are left.
func (b *bench) noTraces() {
	b.t.Helper()
	left, err := os.ReadDir(filepath.Join(b.cfg.Dir, "builds"))
	if err != nil || len(left) > 0 {
		b.t.Errorf("workspaces left: %v, %v", left, err)
	}
	if pids := processesOf(b.cfg.Dir); len(pids) > 0 {
		b.t.Errorf("processes left: %v", pids)
	}
}

// processesOf returns the processes that have mark on their command line.
// Bubblewrap has the workspace there.
func processesOf(mark string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is good
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err == nil && strings.Contains(string(data), mark) {
			found = append(found, filepath.Dir(f)+" "+strings.ReplaceAll(string(data), "\x00", " "))
		}
	}
	return found
}

// send queues a request and returns its message.
func (b *bench) send(r executor.Request) *message {
	m := &message{req: r, acked: make(chan struct{}), released: make(chan struct{}), beat: make(chan struct{}, 1)}
	b.queue <- m
	return m
}

// run runs a build to its end.
func (b *bench) run(r executor.Request) scheduler.CompletedBuild {
	b.t.Helper()
	m := b.send(r)
	b.started(r.Start.Build)
	c := b.completed(r.Start.Build)
	await(b.t, m.acked, "acknowledgement")
	return c
}

func (b *bench) started(id scheduler.BuildID) scheduler.StartedBuild {
	b.t.Helper()
	c, ok := b.next().(scheduler.StartedBuild)
	if !ok || c.Build != id || c.Executor != b.cfg.Name {
		b.t.Fatalf("got %+v, want the start of %s", c, id)
	}
	return c
}

func (b *bench) completed(id scheduler.BuildID) scheduler.CompletedBuild {
	b.t.Helper()
	next := b.next()
	for f, ok := next.(scheduler.FailingBuild); ok && f.Build == id; f, ok = next.(scheduler.FailingBuild) {
		b.failing = append(b.failing, f)
		next = b.next()
	}
	c, ok := next.(scheduler.CompletedBuild)
	if !ok || c.Build != id || c.Executor != b.cfg.Name {
		b.t.Fatalf("got %+v, want the end of %s", c, id)
	}
	return c
}

func (b *bench) next() scheduler.Command {
	b.t.Helper()
	select {
	case c := <-b.results.ch:
		return c
	case <-time.After(patience):
		b.t.Fatal("no command came")
		return nil
	}
}

// log returns an archived file.
func (b *bench) log(id scheduler.BuildID, name string) string {
	b.t.Helper()
	f, err := b.store.Open(string(id), name)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	data := make([]byte, f.Size)
	if _, err := f.Read(data); err != nil && f.Size > 0 {
		b.t.Fatal(err)
	}
	return string(data)
}

func (b *bench) console(id scheduler.BuildID) string {
	b.t.Helper()
	return b.log(id, "job-output.txt")
}

func await(t testing.TB, ch <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(patience):
		t.Fatalf("no %s", what)
	}
}

// project makes a project with files on branch main and returns the commit.
// Files whose content starts with "#!" are executable.
func (b *bench) project(name scheduler.ProjectName, files map[string]string) string {
	b.t.Helper()
	dir := filepath.Join(b.t.TempDir(), "repo")
	run(b.t, "", "git", "init", "-q", "--initial-branch=main", dir)
	b.repos[name] = filepath.Join(dir, ".git")
	return b.commit(name, files)
}

// commit adds a commit to the branch that is checked out.
func (b *bench) commit(name scheduler.ProjectName, files map[string]string) string {
	b.t.Helper()
	dir := filepath.Dir(b.repos[name])
	for file, content := range files {
		mode := os.FileMode(0o644)
		if strings.HasPrefix(content, "#!") {
			mode = 0o755
		}
		file = filepath.Join(dir, file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), mode)); err != nil {
			b.t.Fatal(err)
		}
	}
	run(b.t, dir, "git", "add", "-A")
	run(b.t, dir, "git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "change the project\n\nbody", "--allow-empty")
	return run(b.t, dir, "git", "rev-parse", "HEAD")
}

func run(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

const own = scheduler.ProjectName("local/org/app")

// job makes project own with scripts and a request for a job that runs them:
// files named pre, run and post are the phases.
func (b *bench) job(files map[string]string) executor.Request {
	b.t.Helper()
	commit := b.project(own, files)
	job := &scheduler.FrozenJob{Name: "unit", Voting: true, Attempts: 3}
	for name, phase := range map[string]*[]scheduler.Playbook{"pre": &job.PreRun, "run": &job.Run, "post": &job.PostRun} {
		if _, ok := files[name]; ok {
			*phase = append(*phase, scheduler.Playbook{Project: own, Branch: "main", Path: name})
		}
	}
	return b.request(job, commit)
}

func (b *bench) request(job *scheduler.FrozenJob, commit string) executor.Request {
	id := fmt.Sprintf("%032x", nextID())
	ref := scheduler.Ref{
		Connection: "local", Project: own, Name: "org/app", Branch: "main", Ref: "refs/changes/01/1/2", Number: 1, Patchset: 2,
		URL: "http://gozer.example/change/1",
	}
	return executor.Request{
		LogURL: "http://gozer.example/logs/",
		Start: scheduler.StartBuild{
			Tenant: "acme", Pipeline: "gate", Buildset: "b5", Build: scheduler.BuildID(id), Attempt: 1, Job: job,
			Refs: []scheduler.Ref{ref}, Items: []scheduler.Ref{ref},
			State: []scheduler.RepoCommit{{Project: own, Branch: "main", Commit: commit}},
		},
	}
}

var ids struct {
	sync.Mutex
	n int
}

func nextID() int {
	ids.Lock()
	defer ids.Unlock()
	ids.n++
	return ids.n
}

type repositories map[scheduler.ProjectName]string

func (r repositories) Repository(_ context.Context, p scheduler.ProjectName) (string, error) {
	if r[p] == "" {
		return "", fmt.Errorf("no project %s", p)
	}
	return r[p], nil
}

type queue chan *message

func (q queue) Next(ctx context.Context) (executor.Message, error) {
	select {
	case m := <-q:
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type message struct {
	req             executor.Request
	acked, released chan struct{}
	beat            chan struct{}
}

func (m *message) Request() executor.Request { return m.req }
func (m *message) Ack() error                { close(m.acked); return nil }
func (m *message) Release() error            { close(m.released); return nil }
func (m *message) InProgress() error {
	select {
	case m.beat <- struct{}{}:
	default:
	}
	return nil
}

// results fails every second send when it is flaky, as a network may be.
type results struct {
	mu sync.Mutex
	n  int
	ch chan scheduler.Command

	flaky bool
}

func (r *results) Send(_ context.Context, t scheduler.TenantName, c scheduler.Command) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n++; r.flaky && r.n%2 == 0 {
		return errors.New("try again")
	}
	if t != "acme" {
		return fmt.Errorf("tenant %q", t)
	}
	r.ch <- c
	return nil
}

type archiver struct{ store *archive.Store }

func (a archiver) Put(ctx context.Context, id scheduler.BuildID, dir string) ([]string, error) {
	sum, err := a.store.Put(ctx, string(id), dir, time.Now())
	return sum.Refused, err
}

// sink keeps consoles and checks their offsets.
type sink struct {
	mu     sync.Mutex
	data   map[scheduler.BuildID][]byte
	closed map[scheduler.BuildID]int64
	bad    string
	grew   chan struct{} // gets a token for each write, when it is set
	fail   func() error
}

func (s *sink) Write(_ context.Context, b scheduler.BuildID, offset int64, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(); err != nil {
			return err
		}
	}
	if s.data == nil {
		s.data, s.closed = map[scheduler.BuildID][]byte{}, map[scheduler.BuildID]int64{}
	}
	if offset != int64(len(s.data[b])) || len(data) == 0 || len(data) > 64<<10 {
		s.bad = fmt.Sprintf("write of %d at %d after %d", len(data), offset, len(s.data[b]))
	}
	s.data[b] = append(s.data[b], data...)
	select {
	case s.grew <- struct{}{}:
	default:
	}
	return nil
}

func (s *sink) Close(_ context.Context, b scheduler.BuildID, total int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed[b] = total
	return nil
}
