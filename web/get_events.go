package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

const (
	// eventInterval is the least time between two events of a stream.
	eventInterval = 250 * time.Millisecond
	// eventKeepAlive is how often a silent stream shows that it lives.
	eventKeepAlive = 15 * time.Second
)

// getEvents tells as server-sent events when the tenant's state changed. The
// id of an event is the commit, so a client that comes back says what it saw
// last and misses nothing.
func (s *Server) getEvents(c *call) error {
	seen, known := lastEvent(c)
	out := &streamWriter{c: c, s: s, kind: "events"}
	ctx, done := out.open()
	defer done()
	seqs := s.deps.Live.Subscribe(ctx, c.tenant)
	c.w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	if !out.write([]byte("retry: 1000\n\n")) {
		return nil
	}
	now := s.currentSeq(c.tenant)
	if !known || now != seen {
		if !out.event(now) {
			return nil
		}
	}
	return s.followEvents(ctx, out, seqs, now)
}

// followEvents sends the newest sequence at most once per interval.
func (s *Server) followEvents(ctx context.Context, out *streamWriter, seqs <-chan uint64, sent uint64) error {
	alive := time.NewTicker(eventKeepAlive)
	defer alive.Stop()
	newest, last := sent, time.Now()
	for {
		var due <-chan time.Time
		if newest != sent {
			due = time.After(time.Until(last.Add(eventInterval)))
		}
		ok := true
		select {
		case <-ctx.Done():
			return nil
		case seq, open := <-seqs:
			newest, ok = max(newest, seq), open
		case <-due:
			ok = out.event(newest)
			sent, last = newest, time.Now()
		case <-alive.C:
			ok = out.write([]byte(": \n\n"))
		}
		if !ok {
			return nil
		}
	}
}

func (o *streamWriter) event(seq uint64) bool {
	return o.write(fmt.Appendf(nil, "id: %d\ndata: {\"seq\":%d}\n\n", seq, seq))
}

// lastEvent is the commit that a returning client saw last.
func lastEvent(c *call) (seq uint64, known bool) {
	seq, err := strconv.ParseUint(c.Header.Get("Last-Event-Id"), 10, 64)
	return seq, err == nil
}

// currentSeq is 0 for a tenant without commits.
func (s *Server) currentSeq(t scheduler.TenantName) (seq uint64) {
	_ = s.deps.Live.View(t, func(_ *scheduler.State, n uint64) { seq = n }) // then it stays 0
	return seq
}
