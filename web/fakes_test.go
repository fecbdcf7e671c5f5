package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// console holds the output of builds; what is written later is followed.
type console struct {
	mu      sync.Mutex
	changed chan struct{}
	output  map[scheduler.BuildID][]byte
	ended   map[scheduler.BuildID]bool
	// reads counts the bytes handed out, for tests of slow readers.
	reads int
}

func newConsole() *console {
	return &console{
		changed: make(chan struct{}),
		output:  map[scheduler.BuildID][]byte{runningBuild: []byte("hello\nwörld\n"), doneBuild: []byte("all done\n")},
		ended:   map[scheduler.BuildID]bool{doneBuild: true},
	}
}

func (c *console) write(id scheduler.BuildID, data []byte, end bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.output[id] = append(c.output[id], data...)
	c.ended[id] = end
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *console) Read(ctx context.Context, id scheduler.BuildID, offset int64, follow bool) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			c.mu.Lock()
			data, ended, changed := c.output[id], c.ended[id], c.changed
			data = data[min(int(offset), len(data)):]
			data = bytes.Clone(data[:min(len(data), 64<<10)])
			c.reads += len(data)
			c.mu.Unlock()
			offset += int64(len(data))
			if len(data) > 0 {
				if !yield(data, nil) {
					return
				}
				continue
			}
			if ended || !follow {
				return
			}
			select {
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			case <-changed:
			}
		}
	}
}

func (c *console) readBytes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads
}

// logs is one build's archive.
type logs struct{ files map[string]web.LogEntry }

func newLogs() *logs {
	l := &logs{files: map[string]web.LogEntry{".": {Path: ".", Dir: true}}}
	for _, f := range []struct{ name, kind string }{
		{"job-output.txt", "text/plain; charset=utf-8"}, {"logs", ""}, {"logs/page.html", "text/plain; charset=utf-8"}, {"logs/a b.png", "image/png"},
	} {
		l.files[f.name] = web.LogEntry{Path: f.name, Dir: f.kind == "", Size: 10, ModTime: start, Type: f.kind}
	}
	return l
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

func (l *logs) Open(build scheduler.BuildID, name string) (web.LogFile, error) {
	e, ok := l.files[path.Clean(name)]
	if !ok || build != doneBuild {
		return web.LogFile{}, &scheduler.Rejection{Code: "not_found", Message: "no such file", Subject: name}
	}
	return web.LogFile{ReadSeekCloser: nopCloser{strings.NewReader("0123456789")}, LogEntry: e}, nil
}

func (l *logs) List(scheduler.BuildID) ([]web.LogEntry, error) {
	var list []web.LogEntry
	for name, e := range l.files {
		if name != "." {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b web.LogEntry) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

// inputs records what it is asked.
type inputs struct {
	asked []string
	err   error
}

func (i *inputs) Enqueue(_ context.Context, r web.RefRequest) (uint64, error) {
	i.asked = append(i.asked, fmt.Sprintf("enqueue %+v", r))
	return 77, i.err
}

func (i *inputs) Promote(_ context.Context, r web.PromoteRequest) (uint64, error) {
	ids := []string{}
	for _, ref := range r.Refs {
		ids = append(ids, ref.ID())
	}
	i.asked = append(i.asked, fmt.Sprintf("promote %s %s %v by %s", r.Tenant, r.Pipeline, ids, r.Actor))
	return 79, i.err
}

func (i *inputs) Control(_ context.Context, r web.ControlRequest) (uint64, error) {
	i.asked = append(i.asked, fmt.Sprintf("control %s triggers %s discard %s results %s because %q by %s",
		r.Tenant, wished(r.TriggerPaused), wished(r.TriggerDiscarding), wished(r.ResultPaused), r.Reason, r.Actor))
	return 80, i.err
}

func wished(b *bool) string {
	if b == nil {
		return "as before"
	}
	return fmt.Sprint(*b)
}

func (i *inputs) Dequeue(_ context.Context, r web.RefRequest) (uint64, error) {
	i.asked = append(i.asked, fmt.Sprintf("dequeue %+v", r))
	return 78, i.err
}

func (i *inputs) CreateAutohold(_ context.Context, r web.AutoholdRequest) (uint64, error) {
	expires := "by default"
	if r.NodeExpiration != nil {
		expires = r.NodeExpiration.String()
	}
	i.asked = append(i.asked, fmt.Sprintf("autohold %s %s %s change %d ref %s count %d expires %s because %q by %s",
		r.Tenant, r.Project, r.Job, r.Change, r.RefFilter, r.Count, expires, r.Reason, r.Actor))
	return 81, i.err
}

func (i *inputs) DeleteAutohold(_ context.Context, t scheduler.TenantName, id scheduler.AutoholdID, actor string) (uint64, error) {
	i.asked = append(i.asked, fmt.Sprintf("delete autohold %s %s by %s", t, id, actor))
	return 82, i.err
}

// shared is what other tenants have.
type shared struct{}

func (shared) Holders(name scheduler.SemaphoreName) map[scheduler.TenantName]int {
	return map[scheduler.TenantName]int{"acme": 1, "other": 2, "third": 1}
}

func (shared) FailRequest(t scheduler.TenantName, id scheduler.NodeRequestID, _ string) bool {
	return t == "acme" && id == "request1"
}
