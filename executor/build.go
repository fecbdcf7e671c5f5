package executor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gozer-ci/gozer/executor/sandbox"
	"github.com/gozer-ci/gozer/scheduler"
)

// build is one build under way. One goroutine owns it, except where noted.
type build struct {
	cfg Config
	req Request
	log *slog.Logger
	dir string

	ws       *workspace
	console  *console
	env      []string
	cwd      string
	pre, do  []playbook
	post     []playbook
	outcome  outcome
	gave     *scheduler.Returned // what the job returned in all
	archived bool
	// granted gets the numbers of requests for semaphores that were granted;
	// asked counts the requests.
	granted <-chan int
	asked   int

	returned returned
	// resume is closed to let a paused build go on; yield frees its slot.
	resume <-chan struct{}
	yield  func()
	// matched is the expression that the output matched; announced says that
	// the failure was told, announcing waits for that.
	matched    atomic.Pointer[string]
	announced  atomic.Bool
	announcing sync.WaitGroup

	// stop ends what runs at the moment, with a reason; watchers call it.
	stop     atomic.Pointer[context.CancelCauseFunc]
	diskFull atomic.Bool
}

// outcome is how a build ended.
type outcome struct {
	// result as the command CompletedBuild has it: empty asks for a retry.
	result scheduler.Result
	detail string
}

// Reasons to stop a playbook, beside a canceledError.
var (
	errTimeout  = errors.New("timed out")
	errOutput   = errors.New("printed too much")
	errDiskFull = errors.New("used too much disk space")
	errConsole  = errors.New("the console could not be written")
)

func (b *build) start() *scheduler.StartBuild { return &b.req.Start }

// run runs the build and reports whether there is a result to tell: not for
// builds that were canceled or that the end of the service killed. life is
// the service's context, ctx the build's.
func (b *build) run(life, ctx context.Context) bool {
	if !b.sendStarted(ctx) {
		return false
	}
	b.log.Info("build started", "job", b.start().Job.Name, "attempt", b.start().Attempt)
	if err := b.guarded(life, ctx); err != nil {
		b.outcome = outcome{detail: err.Error()}
		b.log.Error("run build", "err", err)
	}
	b.log.Info("build ended", "job", b.start().Job.Name, "result", b.outcome.result, "detail", b.outcome.detail)
	return life.Err() == nil && !isCanceled(context.Cause(ctx))
}

// guarded keeps a mistake in the handling of one build from ending all others:
// a panic becomes an error, and the build is tried again.
func (b *build) guarded(life, ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the executor broke off: %v", p)
			b.log.Error("build panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	return b.execute(life, ctx)
}

func (b *build) sendStarted(ctx context.Context) bool {
	c := scheduler.StartedBuild{Build: b.start().Build, Executor: b.cfg.Name, Time: b.cfg.Now()}
	return send(ctx, b.cfg.Results, b.start().Tenant, c, b.log)
}

// completed is the command that tells the result.
func (b *build) completed() scheduler.CompletedBuild {
	c := scheduler.CompletedBuild{
		Build: b.start().Build, Executor: b.cfg.Name, Result: b.outcome.result, Detail: b.outcome.detail, Time: b.cfg.Now(),
	}
	if b.archived || b.returned.wishes.LogURL != "" {
		c.LogURL = b.logURL()
	}
	c.Returned = b.gave
	return c
}

// execute makes the workspace, runs the phases in it and archives the logs.
// Errors are trouble of the executor's own. The workspace is left to leave.
func (b *build) execute(life, ctx context.Context) (err error) {
	if b.ws, err = newWorkspace(b.dir, b.cfg.Sandbox.Remaps()); err != nil {
		return err
	}
	if b.console, err = newConsole(b.ws.path("console"), b.cfg.Limits.OutputBytes, b.cfg.Now); err != nil {
		return err
	}
	defer b.console.f.Close()
	b.console.full = func() { b.stopNow(errOutput) }
	b.console.broken = func() { b.stopNow(errConsole) }
	finish := b.stream(life)
	b.perform(life, ctx)
	if b.gave, err = b.result(); err != nil {
		b.outcome = b.unprepared(ctx, err)
	}
	b.sayEnd(ctx)
	b.archive(life)
	finish()
	return b.console.failed
}

// stream starts to feed the console's watchers, if there are any.
func (b *build) stream(life context.Context) (finish func()) {
	if b.cfg.Console == nil {
		return func() {}
	}
	return startPump(life, &pump{console: b.console, sink: b.cfg.Console, build: b.start().Build, log: b.log})
}

// perform prepares and runs the phases while the disk is watched.
func (b *build) perform(life, ctx context.Context) {
	watch, end := context.WithCancel(life)
	var watcher sync.WaitGroup
	watcher.Go(func() {
		watchDisk(watch, b.cfg.Limits.DiskBytes, func() {
			// What found it before has stopped what ran, and by now that may be
			// the cleanup.
			if !b.diskFull.Swap(true) {
				b.stopNow(errDiskFull)
			}
		}, b.ws.writable()...)
	})
	defer watcher.Wait()
	defer end()
	if err := b.prepare(ctx); err != nil {
		b.outcome = b.unprepared(ctx, err)
		return
	}
	if err := b.watchOutput(ctx); err != nil {
		b.outcome = b.unprepared(ctx, err)
		return
	}
	b.phases(life, ctx)
	b.announcing.Wait()
}

// stopNow ends what runs at the moment.
func (b *build) stopNow(cause error) {
	if stop := b.stop.Load(); stop != nil {
		(*stop)(cause)
	}
}

// stoppable returns a context that stopNow ends.
func (b *build) stoppable(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, stop := context.WithCancelCause(ctx)
	b.stop.Store(&stop)
	return ctx, stop
}

// unprepared is the outcome of a build that did not get as far as its first
// phase. What is wrong with the job is an error, other trouble is tried again.
func (b *build) unprepared(ctx context.Context, err error) outcome {
	if p, ok := errors.AsType[*problem](err); ok {
		return outcome{scheduler.ResultError, p.text}
	}
	if b.diskFull.Load() {
		return outcome{scheduler.ResultDiskFull, b.diskDetail()}
	}
	if ctx.Err() != nil {
		return outcome{detail: context.Cause(ctx).Error()}
	}
	return outcome{detail: "workspace could not be prepared: " + err.Error()}
}

// sayEnd makes the last line of the console the result.
func (b *build) sayEnd(ctx context.Context) {
	result, detail := string(b.outcome.result), b.outcome.detail
	if result == "" {
		result = "RETRY"
	}
	if cause := context.Cause(ctx); isCanceled(cause) {
		result, detail = string(scheduler.ResultCanceled), cause.Error()
	}
	if detail == "" {
		b.console.Say("Job result: %s", result)
		return
	}
	b.console.Say("Job result: %s: %s", result, strings.Join(strings.Fields(detail), " "))
}

// archive stores the logs: what jobs put into the logs directory, and the
// console under its usual name whatever jobs put there.
func (b *build) archive(life context.Context) {
	if b.cfg.Archive == nil || life.Err() != nil {
		return
	}
	if err := b.placeConsole(); err != nil {
		b.log.Error("place console", "err", err)
		return
	}
	refused, err := b.cfg.Archive.Put(life, b.start().Build, b.ws.work(logsDir))
	if err != nil {
		b.log.Error("archive logs", "err", err)
		return
	}
	b.archived = true
	for _, r := range refused {
		b.log.Info("log file refused", "reason", r)
	}
}

// placeConsole links the console into the logs directory. No process of the
// job is left; what it did to the directory may still be hostile.
func (b *build) placeConsole() error {
	root, err := os.OpenRoot(b.ws.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	logs := filepath.Join("work", logsDir)
	if info, err := root.Lstat(logs); err != nil || !info.IsDir() {
		if err := errors.Join(root.RemoveAll(logs), root.MkdirAll(logs, 0o755)); err != nil {
			return err
		}
	}
	name := filepath.Join(logs, "job-output.txt")
	return errors.Join(root.Chmod(logs, 0o755), root.RemoveAll(name), root.Link("console", name))
}

// overQuota measures the workspace now.
func (b *build) overQuota(ctx context.Context) bool {
	if diskUsage(ctx, b.cfg.Limits.DiskBytes, b.ws.writable()...) > b.cfg.Limits.DiskBytes {
		b.diskFull.Store(true)
	}
	return b.diskFull.Load()
}

func (b *build) diskDetail() string {
	return fmt.Sprintf("the workspace used more than %s", size(b.cfg.Limits.DiskBytes))
}

// writeVars writes zuul.json.
func (b *build) writeVars(vars object) error {
	data, err := json.MarshalIndent(vars, "", "  ")
	if err != nil {
		return fmt.Errorf("encode variables: %w", err)
	}
	return os.WriteFile(b.ws.work("zuul.json"), append(data, '\n'), 0o644)
}

// size prints a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// spec is how to run a program of the build.
func (b *build) spec(argv []string, env ...string) sandbox.Spec {
	l := b.cfg.Limits
	return sandbox.Spec{
		Argv: argv, Env: append(b.env[:len(b.env):len(b.env)], env...), Cwd: b.cwd, Binds: b.ws.binds, Output: b.console,
		Limits: sandbox.Limits{
			Tasks: l.Tasks, FileBytes: uint64(l.DiskBytes), OpenFiles: l.OpenFiles, MemoryBytes: l.MemoryBytes,
		},
	}
}
