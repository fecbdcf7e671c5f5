// Package command is the socket in the data directory through which an
// operator on the same machine speaks to a running server. Who may open the
// socket may use it: the server's user, and root. A connection carries one
// request and one answer, each a line of JSON.
package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// socketName is the socket's name in the data directory.
const socketName = "command.sock"

// Limits of a request.
const (
	maxRequestBytes = 64 << 10
	requestPatience = 10 * time.Second
)

// Request is what the operator wants.
type Request struct {
	Command string   `json:"command"`
	Tenants []string `json:"tenants,omitempty"`
}

// answer is the line that comes back.
type answer struct {
	Error  string          `json:"error,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
}

// Refusal is the server's answer that it did not do what was asked.
type Refusal struct{ Text string }

func (r *Refusal) Error() string { return r.Text }

// ErrNotRunning says that no server listens in the data directory.
var ErrNotRunning = errors.New("no server is running on the data directory")

// Listener is the server's end.
type Listener struct{ l net.Listener }

// Listen opens the socket in a data directory that the caller has locked; the
// socket of a process that was killed is replaced.
func Listen(dir string) (*Listener, error) {
	at, free, err := reach(dir)
	if err != nil {
		return nil, err
	}
	defer free()
	if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open command socket: %w", err)
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "unix", at)
	if err != nil {
		return nil, fmt.Errorf("open command socket: %w", err)
	}
	// What is removed at the end must be named without the open directory.
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := os.Chmod(at, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("open command socket: %w", err), l.Close())
	}
	return &Listener{l: l}, nil
}

// Serve answers requests with what handle returns until ctx ends, then waits
// for those under way.
func (l *Listener) Serve(ctx context.Context, handle func(context.Context, Request) (any, error)) error {
	defer context.AfterFunc(ctx, func() { _ = l.l.Close() })()
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		conn, err := l.l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accept command: %w", err)
		}
		wg.Go(func() { serve(ctx, conn, handle) })
	}
}

// Close closes the socket; Serve does it too.
func (l *Listener) Close() error {
	if err := l.l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// serve answers one connection. One that asks nothing gets nothing.
func serve(ctx context.Context, conn net.Conn, handle func(context.Context, Request) (any, error)) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	if err := conn.SetReadDeadline(time.Now().Add(requestPatience)); err != nil {
		return
	}
	line, err := bufio.NewReader(io.LimitReader(conn, maxRequestBytes)).ReadBytes('\n')
	if err != nil {
		return
	}
	var a answer
	var r Request
	if err := json.Unmarshal(line, &r); err != nil {
		a.Error = "the request is not JSON: " + err.Error()
	} else if result, err := handle(ctx, r); err != nil {
		a.Error = err.Error()
	} else if a.Result, err = json.Marshal(result); err != nil {
		a.Error = "the answer can't be written: " + err.Error()
	}
	_ = json.NewEncoder(conn).Encode(a) // who left needs no answer
}

// Ask sends a request to the server on a data directory and decodes what it
// answers. Errors: ErrNotRunning, *Refusal, the context's.
func Ask(ctx context.Context, dir string, r Request, result any) error {
	at, free, err := reach(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w %s", ErrNotRunning, dir)
	}
	if err != nil {
		return err
	}
	defer free()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", at)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w %s", ErrNotRunning, dir)
	}
	if err != nil {
		return fmt.Errorf("open command socket of %s: %w", dir, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	var a answer
	if err := errors.Join(json.NewEncoder(conn).Encode(r), json.NewDecoder(conn).Decode(&a)); err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("the server ended before it answered: %w", err))
	}
	if a.Error != "" {
		return &Refusal{Text: a.Error}
	}
	if err := json.Unmarshal(a.Result, result); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// maxPath is how long the name of a socket may be on every system.
const maxPath = 100

// reach names the socket of a data directory. A name that is too long for the
// kernel is said relative to the open directory; free closes that.
func reach(dir string) (name string, free func(), err error) {
	name = filepath.Join(dir, socketName)
	if len(name) <= maxPath {
		return name, func() {}, nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, fmt.Errorf("open data directory: %w", err)
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), socketName), func() { _ = d.Close() }, nil
}
