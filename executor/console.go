package executor

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"time"
)

// stampLayout is the time of a line as in Zuul's job-output.txt, in UTC.
const stampLayout = "2006-01-02 15:04:05.000000 | "

// console is the output of a build. It lives in a file, so neither a flood of
// output nor a slow reader costs memory. Every line gets a time stamp; the
// rest of it stays byte by byte what the program wrote.
type console struct {
	now func() time.Time
	// full is called once when a program's output exceeds the limit, broken
	// once when the file can't be written. Both are called without the lock.
	full, broken func()
	grown        chan struct{} // has a token after each growth
	// watch looks at what programs print; nil when nobody does.
	watch *matcher

	mu      sync.Mutex
	f       *os.File
	size    int64
	limit   int64 // of size, for programs
	midLine bool
	isFull  bool
	failed  error
	stamped []byte // reused by Write
}

func newConsole(file string, limit int64, now func() time.Time) (*console, error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return nil, fmt.Errorf("create console: %w", err)
	}
	return &console{now: now, f: f, limit: limit, grown: make(chan struct{}, 1)}, nil
}

// Write adds output of a program. It always takes all of p: what is beyond
// the limit is dropped.
func (c *console) Write(p []byte) (int, error) {
	c.watch.write(p)
	if call := c.write(p); call != nil {
		call()
	}
	return len(p), nil
}

// write returns the callback that is due.
func (c *console) write(p []byte) (call func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isFull {
		return nil
	}
	out := c.stamp(p)
	if room := c.limit - c.size; int64(len(out)) > room {
		out = out[:max(room, 0)]
		c.isFull = true
		c.midLine = len(out) == 0 && c.midLine || len(out) > 0 && out[len(out)-1] != '\n'
		call = c.full
	}
	if c.store(out) != nil {
		call = c.broken
	}
	return call
}

// stamp returns p with a time stamp before each line.
func (c *console) stamp(p []byte) []byte {
	prefix := c.now().UTC().AppendFormat(nil, stampLayout)
	c.stamped = c.stamped[:0]
	for len(p) > 0 {
		if !c.midLine {
			c.stamped = append(c.stamped, prefix...)
		}
		end := bytes.IndexByte(p, '\n') + 1
		c.midLine = end == 0
		if c.midLine {
			end = len(p)
		}
		c.stamped = append(c.stamped, p[:end]...)
		p = p[end:]
	}
	return c.stamped
}

// store appends to the file. After an error the console takes nothing more.
func (c *console) store(p []byte) error {
	if c.failed != nil || len(p) == 0 {
		return nil
	}
	n, err := c.f.WriteAt(p, c.size)
	c.size += int64(n)
	select {
	case c.grown <- struct{}{}:
	default:
	}
	c.failed = err
	return err
}

// Say adds a line of the executor's own, whatever the limit.
func (c *console) Say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.midLine {
		_ = c.store([]byte("\n")) // remembered in failed
		c.midLine = false
	}
	_ = c.store(c.stamp(fmt.Appendf(nil, format+"\n", args...))) // likewise
}

// Allow lets programs write more bytes than they have so far.
func (c *console) Allow(more int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = max(c.limit, c.size+more)
	c.isFull = false
}

// Size returns the bytes so far.
func (c *console) Size() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size
}
