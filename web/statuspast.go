package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// timeAsked reads the parameter at: RFC 3339, or seconds since 1970 with or
// without a fraction. Without the parameter it is zero.
func (s *Server) timeAsked(c *call) (time.Time, error) {
	query := c.URL.Query()
	if !query.Has("at") {
		return time.Time{}, nil
	}
	text := query.Get("at")
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC(), nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0 && n < 1e11) { // also turns NaN down
		return time.Time{}, &Problem{
			Status: statusOf["invalid"], Code: "invalid", Detail: fmt.Sprintf("at is no time: %.40q", text),
			Hint: "Write it as 2026-01-02T15:04:05Z or in seconds since 1970.",
		}
	}
	return time.UnixMilli(int64(n * 1000)).UTC(), nil
}

// pastKept is how many status documents of the past are remembered.
const pastKept = 16

// pastCache remembers the status documents that were asked for last.
type pastCache struct {
	mu   sync.Mutex
	list []pastEntry // newest last
}

type pastEntry struct {
	tenant scheduler.TenantName
	at     time.Time
	doc    *snapshot
}

func (c *pastCache) get(t scheduler.TenantName, at time.Time) *snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.list {
		if e.tenant == t && e.at.Equal(at) {
			return e.doc
		}
	}
	return nil
}

func (c *pastCache) put(e pastEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list = append(c.list, e); len(c.list) > pastKept {
		c.list = slices.Delete(c.list, 0, 1)
	}
}

// settled is how long ago a time must be for its document to be final: until
// then the log may get a commit that was made before it.
const settled = 10 * time.Second

// snapshotAsked is the document that a request wants: as of the time at, or
// the present one.
func (s *Server) snapshotAsked(c *call) (*snapshot, error) {
	at, err := s.timeAsked(c)
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		return s.statusSnapshot(c.Context(), c.tenant, minSeq(c))
	}
	if sn := s.past.get(c.tenant, at); sn != nil {
		return sn, nil
	}
	sn, err := s.buildPast(c.Context(), c.tenant, at)
	if err == nil && s.deps.Now().Sub(at) > settled {
		s.past.put(pastEntry{c.tenant, at, sn})
	}
	return sn, err
}

// buildPast renders the state of a time, with elapsed times as of then. How
// many events waited at the sources is not in the log.
func (s *Server) buildPast(ctx context.Context, t scheduler.TenantName, at time.Time) (*snapshot, error) {
	sn := &snapshot{}
	moment, err := s.deps.Past.At(ctx, t, at, func(state *scheduler.State) {
		r := renderer{cfg: &s.cfg, layout: state.Layout, state: state}
		sn.doc = r.document()
	})
	if err != nil {
		return nil, err
	}
	sn.seq, sn.built = moment.Seq, moment.At
	s.fillTimes(ctx, t, sn.doc, moment.At)
	if sn.plain, err = encode(sn.doc); err != nil {
		return nil, fmt.Errorf("encode status of %s at %s: %w", t, at, err)
	}
	sn.gzip = compress(sn.plain)
	sn.etag = fmt.Sprintf(`W/"%d-%x"`, sn.seq, at.UnixMilli())
	return sn, nil
}
