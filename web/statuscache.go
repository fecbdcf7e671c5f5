package web

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// statusCache keeps the newest status document of each tenant, so that its
// cost follows the commits and not the readers.
type statusCache struct {
	mu      sync.Mutex // guards tenants
	tenants map[scheduler.TenantName]*statusEntry
}

// statusEntry is one tenant's place in the cache.
type statusEntry struct {
	build sync.Mutex // held by the one that builds
	mu    sync.Mutex // guards last
	last  *snapshot
}

// snapshot is a finished document in all the forms it is served in. It is
// immutable.
type snapshot struct {
	doc   *statusDoc
	plain []byte
	gzip  []byte
	seq   uint64
	etag  string
	built time.Time
	cost  time.Duration // what building it took
	busy  bool          // elapsed times move without commits
	error string        // why the tenant can't go on; empty while it works
}

func (c *statusCache) entry(t scheduler.TenantName) *statusEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tenants == nil {
		c.tenants = make(map[scheduler.TenantName]*statusEntry)
	}
	e := c.tenants[t]
	if e == nil {
		e = &statusEntry{}
		c.tenants[t] = e
	}
	return e
}

func (e *statusEntry) get() *snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}

func (e *statusEntry) put(s *snapshot) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = s
}

// share bounds the part of one processor that building documents may take:
// after a build that took d the next one waits share*d.
const share = 10

// fresh reports whether sn may be served at now to a reader when the state is
// at seq.
func (sn *snapshot) fresh(now time.Time, seq uint64) bool {
	age := now.Sub(sn.built)
	switch {
	case sn.seq != seq:
		return age < min(share*sn.cost, time.Second)
	case sn.busy:
		return age < time.Second
	}
	return true
}

// statusSnapshot gives a document that is new enough; while one reader builds
// the others get the one before. min is the commit that must be in it.
func (s *Server) statusSnapshot(ctx context.Context, t scheduler.TenantName, atLeast uint64) (*snapshot, error) {
	e := s.status.entry(t)
	var seq uint64
	// buildStatus reports a tenant without a state.
	_ = s.deps.Live.View(t, func(_ *scheduler.State, n uint64) { seq = n })
	why := s.stopped(t)
	usable := func(sn *snapshot) bool { return sn != nil && sn.seq >= atLeast && sn.error == why }
	sn := e.get()
	if usable(sn) && sn.fresh(s.deps.Now(), seq) {
		return sn, nil
	}
	if !e.build.TryLock() {
		if usable(sn) {
			return sn, nil
		}
		e.build.Lock()
	}
	defer e.build.Unlock()
	if sn = e.get(); usable(sn) && sn.fresh(s.deps.Now(), seq) {
		return sn, nil
	}
	sn, err := s.buildStatus(ctx, t)
	if err == nil {
		e.put(sn)
	}
	return sn, err
}

// buildStatus renders, encodes and compresses the present state.
func (s *Server) buildStatus(ctx context.Context, t scheduler.TenantName) (*snapshot, error) {
	now := s.deps.Now()
	sn := &snapshot{built: now, error: s.stopped(t)}
	err := s.deps.Live.View(t, func(state *scheduler.State, seq uint64) {
		r := renderer{cfg: &s.cfg, layout: state.Layout, state: state}
		sn.doc, sn.seq, sn.busy = r.document(), seq, r.busy
	})
	if err != nil {
		return nil, notReady(t)
	}
	if sn.error != "" { // as Zuul says of a pipeline whose processing failed
		for i := range sn.doc.Pipelines {
			sn.doc.Pipelines[i].State = "error"
		}
	}
	for _, c := range s.cfg.Connections {
		if c.Pending != nil {
			sn.doc.ConnectionEventQueues[string(c.Name)] = queueLength{c.Pending()}
		}
	}
	s.fillTimes(context.WithoutCancel(ctx), t, sn.doc, now) // others get it too
	if sn.plain, err = encode(sn.doc); err != nil {
		return nil, fmt.Errorf("encode status of %s: %w", t, err)
	}
	sn.gzip = compress(sn.plain)
	// Weak, since both forms of the document share it.
	sn.etag = fmt.Sprintf(`W/"%d-%x"`, sn.seq, now.UnixMilli())
	sn.cost = s.deps.Now().Sub(now)
	return sn, nil
}
