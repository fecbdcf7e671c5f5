package executor

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/gozer-ci/gozer/executor/sandbox"
	"github.com/gozer-ci/gozer/scheduler"
)

// postOutput is what post-run playbooks of a build that printed too much may
// still print, as a part of the limit.
const postOutput = 10

// cleanupTimeout bounds cleanup playbooks of canceled builds whose job has no
// post-timeout.
const cleanupTimeout = 5 * time.Minute

// ended says how a playbook ended.
type ended struct {
	code  int
	cause error // why it was stopped or could not start; nil when it ended by itself
}

func (e ended) ok() bool { return e.code == 0 && e.cause == nil }

// phases runs pre-run, run and post-run, and sets the outcome (Zuul
// documentation, "Build status").
func (b *build) phases(life, ctx context.Context) {
	timed := ctx
	if t := b.start().Job.Timeout; t > 0 {
		var end context.CancelFunc
		timed, end = context.WithTimeoutCause(ctx, t, errTimeout)
		defer end()
	}
	level, final := b.preRun(timed)
	if !final {
		b.console.watch.enable(true)
		final = b.mainRun(timed)
		b.console.watch.enable(false)
	}
	if b.outcome.result == scheduler.ResultSuccess && b.returned.wishes.Pause {
		if err := b.pause(ctx); err != nil {
			b.outcome, final = b.unprepared(ctx, err), true
		}
	}
	if b.outcome.result == scheduler.ResultFailure && len(b.post) > 0 {
		b.announce(ctx, b.outcome.detail)
	}
	if life.Err() != nil {
		return
	}
	b.postRun(life, ctx, level, final)
}

// allLevels is above every playbook's level.
const allLevels = int(^uint(0) >> 1)

// preRun returns the nesting level that it reached, and whether the outcome
// is one that post-run can't change.
func (b *build) preRun(ctx context.Context) (level int, final bool) {
	for _, p := range b.pre {
		e := b.play(ctx, "PRE-RUN", p)
		if e.ok() {
			continue
		}
		b.outcome = b.judge(p, e)
		if b.outcome.result == scheduler.ResultFailure && !limited(e) || b.outcome.result == scheduler.ResultTimedOut {
			// Pre-run prepares; that it fails says nothing about the change.
			b.outcome.result = ""
			if again := b.returned.wishes.Retry; again != nil && !*again {
				b.outcome.result = scheduler.ResultFailure
			}
		}
		return p.Level, true
	}
	return allLevels, false
}

// mainRun reports whether the outcome is one that post-run can't change.
func (b *build) mainRun(ctx context.Context) (final bool) {
	for _, p := range b.do {
		if e := b.play(ctx, "RUN", p); !e.ok() {
			b.outcome = b.judge(p, e)
			return b.outcome.result != scheduler.ResultFailure || limited(e)
		}
	}
	b.outcome = b.early()
	return false
}

// postRun runs the playbooks of the levels that pre-run reached. Builds that
// were canceled or are over their disk quota get the cleanup playbooks only.
func (b *build) postRun(life, ctx context.Context, level int, final bool) {
	success := b.outcome.result == scheduler.ResultSuccess
	for _, p := range b.post {
		aborted := ctx.Err() != nil || b.diskFull.Load()
		if aborted && !p.Cleanup || !p.Cleanup && p.Level > level {
			continue
		}
		b.console.Allow(b.cfg.Limits.OutputBytes / postOutput)
		parent := ctx
		if aborted {
			parent = life
		}
		e := b.playPost(parent, p, success, aborted)
		if e.ok() || p.Cleanup || final || isCanceled(context.Cause(ctx)) {
			continue
		}
		b.outcome = b.judge(p, e)
		switch b.outcome.result {
		case scheduler.ResultFailure, scheduler.ResultTimedOut:
			b.outcome.result = scheduler.ResultPostFailure
		default:
			final = true
		}
	}
}

// playPost gives one post-run playbook the whole post-timeout.
func (b *build) playPost(ctx context.Context, p playbook, success, aborted bool) ended {
	limit := b.start().Job.PostTimeout
	if aborted && limit == 0 {
		limit = cleanupTimeout
	}
	if limit > 0 {
		var end context.CancelFunc
		ctx, end = context.WithTimeoutCause(ctx, limit, errTimeout)
		defer end()
	}
	phase := "POST-RUN"
	if p.Cleanup {
		phase = "CLEANUP"
	}
	return b.play(ctx, phase, p, fmt.Sprintf("GOZER_SUCCESS=%t", success))
}

// play runs one playbook.
func (b *build) play(ctx context.Context, phase string, p playbook, env ...string) ended {
	ctx, stop := b.stoppable(ctx)
	defer stop(nil)
	if b.diskFull.Load() && !p.Cleanup {
		stop(errDiskFull) // found between two playbooks
	}
	give, err := b.takeSemaphores(ctx, p)
	if err != nil {
		return ended{cause: err}
	}
	defer give()
	b.console.Say("%s START: [%s]", phase, p)
	exit, err := b.cfg.Sandbox.Run(ctx, b.spec(p.argv, append(env, "GOZER_PHASE="+phase)...))
	e := ended{code: exit.Code, cause: err}
	switch cause := context.Cause(ctx); {
	case exit.TooManyTasks:
		e.cause = errTasks
	case cause != nil:
		e.cause = cause
	case exit.Code != 0 && !p.Cleanup && b.overQuota(ctx):
		e.cause = errDiskFull // it failed for that before the watcher saw it
	}
	b.console.Say("%s END %s: [%s]", phase, verdict(e), p)
	if err := b.collect(); err != nil {
		b.console.Say("%v", err)
		if e.ok() && !p.Cleanup {
			e.cause = err
		}
	}
	return e
}

// verdict is how the end of a playbook is told in the console, in Zuul's words.
func verdict(e ended) string {
	switch {
	case errors.Is(e.cause, errTimeout):
		return "RESULT_TIMED_OUT"
	case errors.Is(e.cause, errDiskFull):
		return "RESULT_DISK_FULL"
	case e.cause != nil:
		return "RESULT_ABORTED"
	case e.code != 0:
		return fmt.Sprintf("RESULT_NORMAL (exit status %d)", e.code)
	}
	return "RESULT_NORMAL"
}

var errTasks = errors.New("had too many processes")

// limited reports whether a playbook was stopped for exceeding a limit. That
// is the job's fault in every phase, and another attempt would do the same.
func limited(e ended) bool { return errors.Is(e.cause, errOutput) || errors.Is(e.cause, errTasks) }

// judge is the outcome when p ends the build in the run phase.
func (b *build) judge(p playbook, e ended) outcome {
	at := fmt.Sprintf("playbook %s of %s", p.Path, p.Project)
	l := b.cfg.Limits
	if returned, ok := errors.AsType[*problem](e.cause); ok {
		return outcome{scheduler.ResultError, fmt.Sprintf("%s: %s", at, returned.text)}
	}
	switch {
	case e.cause == nil:
		return outcome{scheduler.ResultFailure, fmt.Sprintf("%s failed with exit status %d", at, e.code)}
	case errors.Is(e.cause, errTimeout):
		return outcome{scheduler.ResultTimedOut, at + " was stopped by the timeout"}
	case errors.Is(e.cause, errDiskFull):
		return outcome{scheduler.ResultDiskFull, b.diskDetail()}
	case errors.Is(e.cause, errOutput):
		return outcome{scheduler.ResultFailure, fmt.Sprintf("%s was stopped: output is limited to %s", at, size(l.OutputBytes))}
	case errors.Is(e.cause, errTasks):
		return outcome{scheduler.ResultFailure, fmt.Sprintf("%s was stopped: it had more than %d processes and threads", at, l.Tasks)}
	case errors.Is(e.cause, sandbox.ErrSetup) && !errors.Is(e.cause, syscall.EAGAIN) && !errors.Is(e.cause, syscall.ENOMEM):
		return outcome{scheduler.ResultError, fmt.Sprintf("%s did not start: %v", at, e.cause)}
	}
	return outcome{detail: fmt.Sprintf("%s: %v", at, e.cause)}
}
