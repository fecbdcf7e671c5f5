package executor_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/scheduler"
)

// hang is a script that leaves processes everywhere and ignores polite
// signals; mark is on the command line of each.
func hang(mark string) string {
	return fmt.Sprintf(`trap '' TERM INT HUP QUIT
setsid sleep 1000.%[1]s &
(setsid nohup sh -c 'trap "" TERM; sleep 2000.%[1]s & wait' > /dev/null 2>&1 &)
echo ready
sleep 3000.%[1]s
`, mark)
}

// mark is a number that no other process has on its command line.
func mark() string { return fmt.Sprintf("%d%04d", os.Getpid(), nextID()) }

// awaitConsole waits until the console of a build has text.
func (b *bench) awaitConsole(id scheduler.BuildID, text string) {
	b.t.Helper()
	end := time.After(patience)
	for {
		b.sink.mu.Lock()
		found := strings.Contains(string(b.sink.data[id]), text)
		b.sink.mu.Unlock()
		if found {
			return
		}
		select {
		case <-b.sink.grew:
		case <-end:
			b.t.Fatalf("the console never had %q", text)
		}
	}
}

func TestTimeoutKillsTheWholeTree(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := mark()
	r := b.job(map[string]string{"run": hang(m)})
	r.Start.Job.Timeout = 500 * time.Millisecond
	if got := b.run(r); got.Result != scheduler.ResultTimedOut {
		t.Errorf("got %+v", got)
	}
	if left := processesOf(m); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
}

func TestNothingSurvivesTheEndOfAPlaybook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := mark()
	r := b.job(map[string]string{"run": "setsid sleep 1000." + m + " & exit 0\n"})
	if got := b.run(r); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
	if left := processesOf(m); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
}

func TestCancelKillsCleansUpAndReportsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sink.grew = make(chan struct{}, 1)
	m := mark()
	r := b.job(map[string]string{"run": hang(m), "post": "echo never\n", "clean": "echo cleaned\n"})
	r.Start.Job.PostRun = append(r.Start.Job.PostRun, scheduler.Playbook{Project: own, Branch: "main", Path: "clean", Cleanup: true})
	msg := b.send(r)
	b.started(r.Start.Build)
	b.awaitConsole(r.Start.Build, "| ready\n")
	b.svc.Cancel(r.Start.Build, "a change ahead failed")
	await(t, msg.acked, "acknowledgement")
	if left := processesOf(m); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
	console := b.console(r.Start.Build)
	if strings.Contains(console, "| never") || !strings.Contains(console, "| cleaned") ||
		!strings.HasSuffix(console, "Job result: CANCELED: canceled: a change ahead failed\n") {
		t.Error(console)
	}
	select {
	case c := <-b.results.ch:
		t.Errorf("reported %+v", c)
	default:
	}
}

func TestCancelBeforeTheMessageArrives(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.job(map[string]string{"run": "exit 0\n"})
	b.svc.Cancel(r.Start.Build, "never mind")
	m := b.send(r)
	await(t, m.acked, "acknowledgement")
	b.run(b.again(r)) // the first command is of this one
}

// again is the same request for another build.
func (b *bench) again(r executor.Request) executor.Request {
	r.Start.Build = scheduler.BuildID(fmt.Sprintf("%032x", nextID()))
	return r
}

func TestStopKillsReleasesAndReportsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sink.grew = make(chan struct{}, 1)
	m := mark()
	r := b.job(map[string]string{"run": hang(m), "post": "sleep 4000." + m + "\n"})
	r.Start.Job.PostRun[0].Cleanup = true
	msg := b.send(r)
	b.started(r.Start.Build)
	b.awaitConsole(r.Start.Build, "| ready\n")
	b.stop()
	await(t, msg.released, "release")
	if left := processesOf(m); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
	select {
	case c := <-b.results.ch:
		t.Errorf("reported %+v", c)
	default:
	}
	b.noTraces()
}

func TestDuplicatesRunOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.results.flaky = true
	r := b.job(map[string]string{"run": "exit 0\n"})
	b.run(r)
	again := b.send(r)
	await(t, again.acked, "acknowledgement of the duplicate")
	b.run(b.again(r))
}

func TestUnwantedAndMalformedWorkIsDropped(t *testing.T) {
	t.Parallel()
	var unwanted atomic.Value
	unwanted.Store(scheduler.BuildID(""))
	b := setup(t, func(c *executor.Config) {
		c.Wanted = func(_ scheduler.TenantName, id scheduler.BuildID) bool { return id != unwanted.Load() }
	})
	r := b.job(map[string]string{"run": "exit 0\n"})
	unwanted.Store(r.Start.Build)
	await(t, b.send(r).acked, "acknowledgement of unwanted work")
	escaping := r
	escaping.Start.Build = "../../x"
	await(t, b.send(escaping).acked, "acknowledgement of a hostile identifier")
	jobless := b.again(r)
	jobless.Start.Job = nil
	await(t, b.send(jobless).acked, "acknowledgement of work without a job")
	b.run(b.again(r))
}

// TestTwoBuildsAtOnce needs both to be running before either may end, keeps
// their messages alive meanwhile, and shows both a directory of the host.
func TestTwoBuildsAtOnce(t *testing.T) {
	t.Parallel()
	shared := t.TempDir()
	b := setup(t, func(c *executor.Config) {
		c.Sandbox.ReadOnlyPaths = []string{shared, "/no/such/directory"}
		c.Heartbeat = time.Millisecond
	})
	r := b.job(map[string]string{"run": "until [ -e " + shared + "/go ]; do sleep 0.01; done; ! touch " + shared + "/x; ls $ZUUL_WORK_ROOT/.. /workspace\n"})
	s := b.again(r)
	m, n := b.send(r), b.send(s)
	for range 2 {
		if c, ok := b.next().(scheduler.StartedBuild); !ok {
			t.Fatalf("got %+v, want a start", c)
		}
	}
	await(t, m.beat, "heartbeat")
	await(t, n.beat, "heartbeat")
	if got := b.svc.Running(); got != 2 {
		t.Errorf("%d builds run, want 2", got)
	}
	if err := os.WriteFile(filepath.Join(shared, "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if c, ok := b.next().(scheduler.CompletedBuild); !ok || c.Result != scheduler.ResultSuccess {
			t.Errorf("got %+v, want success", c)
		}
	}
	await(t, m.acked, "acknowledgement")
	await(t, n.acked, "acknowledgement")
}

// TestStartRemovesOldWorkspaces leaves one as a killed server would, with
// directories that can't be removed at once.
func TestStartRemovesOldWorkspaces(t *testing.T) {
	t.Parallel()
	setup(t, func(c *executor.Config) {
		dir := filepath.Join(c.Dir, "builds", "old", "work", "src")
		if err := os.MkdirAll(filepath.Join(dir, "locked"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
	})
}

func TestDoctorIsContentHere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, f := range executor.Doctor(context.Background(), b.cfg.Sandbox, b.cfg.Dir) {
		if f.Fatal {
			t.Errorf("the tests of this package need a working sandbox: %s; try: %s", f.Problem, f.Mend)
		}
	}
	absent := b.cfg.Sandbox
	absent.Bwrap = "/no/such/bwrap"
	got := executor.Doctor(context.Background(), absent, b.cfg.Dir)
	if len(got) == 0 || !got[0].Fatal || got[0].Mend != "apt-get install bubblewrap" {
		t.Errorf("without bubblewrap the doctor says %+v", got)
	}
}

func TestWithoutBubblewrapBuildsAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *executor.Config) { c.Sandbox.Bwrap = "/no/such/bwrap" })
	got := b.run(b.job(map[string]string{"run": "exit 0\n"}))
	if got.Result != scheduler.ResultError || !strings.Contains(got.Detail, "find bubblewrap") {
		t.Errorf("got %+v", got)
	}
}

func TestWithoutSandboxByChoice(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *executor.Config) { c.Sandbox.Mode = "none"; c.Limits.Tasks = 50 })
	r := b.job(map[string]string{"run": "test -d " + b.cfg.Dir + " && git log --oneline -1 && echo $PWD > $ZUUL_LOG_ROOT/pwd\n"})
	if got := b.run(r); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v:\n%s", got, b.console(r.Start.Build))
	}
	m := mark()
	r = b.again(r)
	r.Start.State[0].Commit = b.commit(own, map[string]string{"run": "sleep 1000." + m + " & sleep 2000." + m + "\n"})
	r.Start.Job.Timeout = 300 * time.Millisecond
	if got := b.run(r); got.Result != scheduler.ResultTimedOut {
		t.Errorf("got %+v", got)
	}
	if left := processesOf(m); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
}
