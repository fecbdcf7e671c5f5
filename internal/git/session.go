package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// key says which long-lived process an operation needs.
type key struct {
	dir  string
	kind kind
}

// kind is a long-lived git command.
type kind int

const (
	kindCatFile kind = iota
	kindDiffTree
	kindUpdateRef
)

var kindArgs = map[kind][]string{
	kindCatFile:   {"cat-file", "--batch-command"},
	kindDiffTree:  {"diff-tree", "--stdin", "-r", "-z", "--name-only", "--no-renames"},
	kindUpdateRef: {"update-ref", "--stdin"},
}

// session is one long-lived process. Whoever took it from the pool owns it.
type session struct {
	key    key
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *head
	uses   int
	used   time.Time
}

func startSession(k key) (*session, error) {
	c := Command{Dir: k.dir, Args: kindArgs[k.kind]}
	cmd := c.exec(context.Background()) // lives longer than the operation it is started for
	s := &session{key: k, cmd: cmd, stderr: &head{}}
	cmd.Stderr = s.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start git %s: %w", c.Args[0], err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start git %s: %w", c.Args[0], err)
	}
	s.in, s.out = in, bufio.NewReaderSize(out, 32<<10)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start git %s in %s: %w", c.Args[0], k.dir, err)
	}
	return s, nil
}

// kill ends the process group at once; the owner still has to close.
func (s *session) kill() {
	_ = killGroup(s.cmd.Process.Pid) // it may have ended already
}

// close ends the process and waits until it is gone.
func (s *session) close() {
	_ = s.in.Close() // git ends at the end of its input
	timer := time.AfterFunc(time.Second, s.kill)
	_ = s.cmd.Wait() // its exit status tells nothing that the operation did not
	timer.Stop()
}

// send writes one request.
func (s *session) send(lines ...string) error {
	_, err := io.WriteString(s.in, strings.Join(lines, "\n")+"\n")
	return err
}

// explain turns an error of a conversation with the process into what the
// process said about it.
func (s *session) explain(ctx context.Context, err error) error {
	args := kindArgs[s.key.kind]
	if ctx.Err() != nil {
		return fmt.Errorf("git %s in %s: %w", args[0], s.key.dir, context.Cause(ctx))
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	s.close()
	return &Error{Args: args, Dir: s.key.dir, Code: s.cmd.ProcessState.ExitCode(), Stderr: s.stderr.String()}
}
