package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Run runs a program and returns when it and everything that it started are
// gone. When ctx ends, all of it is killed; that is no error, the exit code
// tells. An error wraps ErrSetup when the program never ran.
func (c Config) Run(ctx context.Context, s Spec) (Exit, error) {
	type ended struct {
		exit Exit
		err  error
	}
	done := make(chan ended, 1)
	go func() {
		// The thread is restricted for good, and its end would kill the
		// sandbox (die-with-parent goes by thread), so this goroutine keeps it
		// until the end and never gives it back.
		runtime.LockOSThread()
		exit, err := c.run(ctx, s)
		done <- ended{exit, err}
	}()
	e := <-done
	return e.exit, e.err
}

func (c Config) run(ctx context.Context, s Spec) (Exit, error) {
	if err := ctx.Err(); err != nil {
		return Exit{Code: 128 + int(syscall.SIGKILL)}, nil
	}
	p, err := c.start(s)
	if err != nil {
		return Exit{}, fmt.Errorf("%w: %w", ErrSetup, err)
	}
	over := make(chan struct{})
	var tooMany bool
	var watchers sync.WaitGroup
	watchers.Go(func() {
		select {
		case <-ctx.Done():
			p.kill()
		case <-over:
		}
	})
	if s.Limits.Tasks > 0 {
		watchers.Go(func() { tooMany = watchTasks(func() bool { return p.crowded(s.Limits.Tasks) }, over, p.kill) })
	}
	exit, err := p.wait()
	close(over)
	watchers.Wait()
	exit.TooManyTasks = tooMany
	if ctx.Err() != nil || tooMany {
		err = nil // killed, perhaps during setup
	}
	return exit, err
}

// process is a started program.
type process struct {
	cmd    *exec.Cmd
	mu     sync.Mutex
	reaped bool         // the process id means nothing any more
	inner  *initProcess // nil without a sandbox
	output *output
	group  *cgroup
	status *statusReader
}

func (c Config) start(s Spec) (*process, error) {
	if err := closeOnExec(); err != nil {
		return nil, err
	}
	p := &process{output: newOutput(s.Output)}
	var err error
	if p.group, err = c.newCgroup(s.Limits); err != nil {
		return nil, err
	}
	if c.Mode == None {
		err = p.startPlain(s)
	} else {
		err = c.startBwrap(p, s)
	}
	if err != nil {
		return nil, errors.Join(err, p.group.remove())
	}
	return p, nil
}

// startPlain starts a program without a sandbox, in a process group of its own.
func (p *process) startPlain(s Spec) error {
	p.cmd = exec.Command(s.Argv[0], s.Argv[1:]...)
	p.cmd.Env, p.cmd.Dir = s.Env, s.Cwd
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.output.start(p.cmd); err != nil {
		return err
	}
	limit(p.pid(), s.Limits)
	return p.group.join(p.pid())
}

// startBwrap starts bubblewrap, waits until its namespaces are there, limits
// the first process in them and lets it go on.
func (c Config) startBwrap(p *process, s Spec) error {
	path, err := exec.LookPath(c.bwrap())
	if err != nil {
		return fmt.Errorf("find bubblewrap: %w", err)
	}
	if !setuid(path) {
		if err := confineThread(); err != nil {
			return err
		}
	}
	statusR, statusW, err := os.Pipe()
	if err != nil {
		return err
	}
	blockR, blockW, err := os.Pipe()
	if err != nil {
		return errors.Join(err, statusR.Close(), statusW.Close())
	}
	defer blockW.Close() // lets bubblewrap go on
	p.cmd = exec.Command(path, c.arguments(s)...)
	p.cmd.Env = s.Env
	p.cmd.ExtraFiles = []*os.File{statusW, blockR}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	err = p.output.start(p.cmd)
	err = errors.Join(err, statusW.Close(), blockR.Close())
	if err != nil {
		return errors.Join(err, statusR.Close())
	}
	p.status = newStatusReader(statusR)
	if pid := p.status.child(); pid != 0 {
		p.inner = openInit(pid)
		limit(pid, s.Limits)
		if err := p.group.join(pid); err != nil {
			p.kill()
			_, waitErr := p.wait()
			return errors.Join(err, waitErr)
		}
	}
	return nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// kill kills the program and all its descendants.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return
	}
	if p.inner != nil {
		p.inner.kill()
	}
	// Nobody else is in the group; nobody at all when this fails.
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
}

// wait returns when the tree is gone and its output has been read.
func (p *process) wait() (Exit, error) {
	awaitExit(p.pid())
	// Bubblewrap ends with the program; what the program left behind ends here.
	p.kill()
	waitErr := p.reap()
	code := p.cmd.ProcessState.ExitCode()
	if ws, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		code = 128 + int(ws.Signal())
	}
	head := p.output.finish()
	_ = p.group.remove() // an empty directory left behind costs nothing
	if p.status != nil && !p.status.ran() {
		return Exit{Code: code}, fmt.Errorf("%w: %s", ErrSetup, strings.TrimSpace(head))
	}
	if _, ok := errors.AsType[*exec.ExitError](waitErr); waitErr != nil && !ok {
		return Exit{Code: code}, fmt.Errorf("wait for the sandbox: %w", waitErr)
	}
	return Exit{Code: code}, nil
}

// reap collects the process after all others of its tree are gone.
func (p *process) reap() error {
	if p.inner != nil {
		p.inner.wait()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reaped = true
	if p.inner != nil {
		p.inner.close()
	}
	return p.cmd.Wait()
}

// output copies what a program writes, and keeps the first of it to tell why
// a sandbox failed.
type output struct {
	to   io.Writer
	r    *os.File
	done chan struct{}
	head []byte
}

func newOutput(to io.Writer) *output {
	if to == nil {
		to = io.Discard
	}
	return &output{to: to, done: make(chan struct{})}
}

// start starts cmd with a pipe to o as its output.
func (o *output) start(cmd *exec.Cmd) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		return errors.Join(err, r.Close(), w.Close())
	}
	o.r = r
	go o.copy()
	return w.Close()
}

func (o *output) copy() {
	defer close(o.done)
	buf := make([]byte, 64<<10)
	for {
		n, err := o.r.Read(buf)
		if room := 2048 - len(o.head); room > 0 {
			o.head = append(o.head, buf[:min(n, room)]...)
		}
		if n > 0 {
			_, _ = o.to.Write(buf[:n]) // the writer's trouble is not the program's
		}
		if err != nil {
			return
		}
	}
}

// finish waits for the rest and returns the first of the output. Without a
// sandbox a process that left its group may hold the pipe, which gets a second.
func (o *output) finish() string {
	_ = o.r.SetReadDeadline(time.Now().Add(time.Second)) // pipes can always
	<-o.done
	_ = o.r.Close() // only read from
	return string(o.head)
}
