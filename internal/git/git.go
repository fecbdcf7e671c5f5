// Package git runs the git program safely: no configuration of the machine or
// the user, no hooks, no prompts, no transports, a deadline, and a process
// group that dies as a whole. Beside single commands it keeps a bounded pool
// of long-lived processes for the operations that are asked for all the time.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Timeout is the deadline of a command whose context has none.
const Timeout = 2 * time.Minute

// maxStderr bounds how much of a command's error output is kept, in bytes.
const maxStderr = 8 << 10

// safeArgs stand before every command.
var safeArgs = []string{
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.fsmonitor=false",
	"-c", "protocol.allow=never",
	"-c", "transfer.fsckObjects=true",
	"-c", "transfer.hideRefs=refs/gozer",
	"-c", "gc.auto=0",
	"-c", "maintenance.auto=false",
	"-c", "safe.directory=*",
	"-c", "core.fsync=committed,loose-object,reference",
}

// Environ returns the environment that git gets: nothing of this process but
// the path, and no way to other configuration than the repository's own.
func Environ(extra ...string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=/nonexistent",
		"LC_ALL=C",
		"TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_NO_REPLACE_OBJECTS=1",
		"GIT_OPTIONAL_LOCKS=0",
	}
	return append(env, extra...)
}

// Command is one run of git.
type Command struct {
	// Dir is the bare repository.
	Dir  string
	Args []string
	// Config are settings as key=value, after the safe ones.
	Config []string
	// Env are variables as NAME=value, after the safe ones.
	Env    []string
	Stdin  io.Reader
	Stdout io.Writer
	// Limits of the process; zero is none.
	Limits Limits
}

// Limits bound what one git process may use, in bytes.
type Limits struct {
	MemoryBytes uint64
	FileBytes   uint64
}

// Error is a git command that ended with an error.
type Error struct {
	Args   []string
	Dir    string
	Code   int // exit status; -1 after a signal
	Stderr string
}

func (e *Error) Error() string {
	return fmt.Sprintf("git %s in %s: exit status %d: %s", e.Args[0], e.Dir, e.Code, strings.TrimSpace(e.Stderr))
}

// Reason is the last line of git's error output without its prefix, for
// messages to people.
func (e *Error) Reason() string {
	lines := strings.Split(strings.TrimSpace(e.Stderr), "\n")
	last := lines[len(lines)-1]
	for _, line := range lines {
		if strings.HasPrefix(line, "fatal: ") || strings.HasPrefix(line, "error: ") {
			last = line
			break
		}
	}
	last = strings.TrimPrefix(strings.TrimPrefix(last, "fatal: "), "error: ")
	return strings.ReplaceAll(last, e.Dir, "repository")
}

// Run runs one command to its end. An exit status other than 0 is an *Error.
func Run(ctx context.Context, c Command) error {
	ctx, cancel := withTimeout(ctx)
	defer cancel()
	var stderr head
	cmd := c.exec(ctx)
	cmd.Stdout, cmd.Stderr = c.Stdout, &stderr
	in, err := stdin(cmd, c.Stdin)
	if err != nil {
		return fmt.Errorf("start git %s: %w", c.Args[0], err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start git %s: %w", c.Args[0], err)
	}
	if err := limit(cmd.Process.Pid, c.Limits); err != nil {
		_ = killGroup(cmd.Process.Pid) // whether or not it still runs
		_ = cmd.Wait()                 // the limit's error is the one that matters
		return fmt.Errorf("limit git %s: %w", c.Args[0], err)
	}
	if in != nil {
		// Here and not in a goroutine of cmd's, so that nobody reads from
		// c.Stdin any more when Run returns. git may end before its input.
		_, _ = io.Copy(in, c.Stdin)
		_ = in.Close()
	}
	return c.wrap(ctx, cmd.Wait(), &stderr)
}

func stdin(cmd *exec.Cmd, r io.Reader) (io.WriteCloser, error) {
	if r == nil {
		return nil, nil
	}
	return cmd.StdinPipe()
}

// killGroup ends a process and all that it started.
func killGroup(pid int) error {
	if pid <= 1 { // never a group that is not ours
		return os.ErrProcessDone
	}
	return syscall.Kill(-pid, syscall.SIGKILL)
}

// Output runs one command and returns its standard output.
func Output(ctx context.Context, c Command) ([]byte, error) {
	var out bytes.Buffer
	c.Stdout = &out
	err := Run(ctx, c)
	return out.Bytes(), err
}

func withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, Timeout)
}

func (c Command) exec(ctx context.Context) *exec.Cmd {
	args := append([]string{}, safeArgs...)
	for _, setting := range c.Config {
		args = append(args, "-c", setting)
	}
	cmd := exec.CommandContext(ctx, "git", append(args, c.Args...)...)
	cmd.Dir = c.Dir
	cmd.Env = Environ(append([]string{"GIT_DIR=" + c.Dir}, c.Env...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	cmd.WaitDelay = time.Second
	return cmd
}

func (c Command) wrap(ctx context.Context, err error, stderr *head) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("git %s in %s: %w", c.Args[0], c.Dir, context.Cause(ctx))
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return &Error{Args: c.Args, Dir: c.Dir, Code: exit.ExitCode(), Stderr: stderr.String()}
	}
	return fmt.Errorf("git %s in %s: %w", c.Args[0], c.Dir, err)
}

// head keeps the first bytes that are written to it.
type head struct{ buf bytes.Buffer }

func (t *head) Write(p []byte) (int, error) {
	if room := maxStderr - t.buf.Len(); room > 0 {
		t.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (t *head) String() string { return t.buf.String() }
