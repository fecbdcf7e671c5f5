package git

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrClosed is returned by a pool after Close.
var ErrClosed = errors.New("git pool is closed")

// PoolConfig sizes a Pool; zero fields mean the defaults.
type PoolConfig struct {
	// Processes is how many long-lived processes may exist at once; default 32.
	Processes int
	// Idle is how long an unused one lives; default one minute.
	Idle time.Duration
	// Uses is how many operations one serves before it is replaced, since git
	// keeps every object it parsed; default 2,000.
	Uses int
}

// Pool keeps long-lived git processes by repository and kind. A process serves
// one operation at a time. It sees objects and refs that others add, for git
// looks again before it calls anything missing. Its methods may be called
// concurrently.
type Pool struct {
	cfg   PoolConfig
	slots chan struct{} // one per living process

	mu      sync.Mutex
	idle    []*session // oldest use first
	waiting int        // callers that want to start a process
	closed  bool
	reaper  *time.Timer
	live    sync.WaitGroup // living processes

	commits commitCache
}

// Repo is a bare repository with the processes of a pool.
type Repo struct {
	Dir  string
	pool *Pool
}

// Repo returns the repository at dir, an absolute path.
func (p *Pool) Repo(dir string) Repo { return Repo{Dir: dir, pool: p} }

// NewPool returns an empty pool. It must be closed.
func NewPool(cfg PoolConfig) *Pool {
	if cfg.Processes <= 0 {
		cfg.Processes = 32
	}
	if cfg.Idle <= 0 {
		cfg.Idle = time.Minute
	}
	if cfg.Uses <= 0 {
		cfg.Uses = 2000
	}
	return &Pool{cfg: cfg, slots: make(chan struct{}, cfg.Processes)}
}

// Close ends all processes and waits for them. Operations under way fail.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	if p.reaper != nil {
		p.reaper.Stop()
	}
	p.mu.Unlock()
	for _, s := range idle {
		p.end(s)
	}
	p.live.Wait()
	return nil
}

// Forget ends the idle processes of a repository that is about to go away.
func (p *Pool) Forget(dir string) {
	p.endWhere(func(s *session) bool { return s.key.dir == dir })
	p.commits.forget(dir)
}

// with runs fn with a process of the given kind. After an error of fn the
// process is not used again.
func (p *Pool) with(ctx context.Context, k key, fn func(*session) error) error {
	ctx, cancel := withTimeout(ctx)
	defer cancel()
	s, err := p.take(ctx, k)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, s.kill)
	err = fn(s)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	s.uses++
	if err != nil {
		err = s.explain(ctx, err)
		p.end(s)
		return err
	}
	p.give(s)
	return nil
}

// take returns an idle process or starts one, waiting while there are too many.
func (p *Pool) take(ctx context.Context, k key) (*session, error) {
	found, victim, err := p.takeIdle(k)
	if found != nil || err != nil {
		return found, err
	}
	if victim != nil {
		p.end(victim)
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	p.mu.Lock()
	p.waiting--
	closed := p.closed
	if err == nil && !closed {
		p.live.Add(1)
	}
	p.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case closed:
		<-p.slots
		return nil, ErrClosed
	}
	return p.start(k)
}

// takeIdle returns an idle process of the kind. When there is none, the caller
// waits for room, and the process that was idle longest is its to end if there
// is no room.
func (p *Pool) takeIdle(k key) (found, victim *session, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, ErrClosed
	}
	for i := len(p.idle) - 1; i >= 0; i-- {
		if s := p.idle[i]; s.key == k {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return s, nil, nil
		}
	}
	p.waiting++
	if len(p.slots) == cap(p.slots) && len(p.idle) > 0 {
		victim = p.idle[0]
		p.idle = p.idle[1:]
	}
	return nil, victim, nil
}

func (p *Pool) start(k key) (*session, error) {
	s, err := startSession(k)
	if err != nil {
		p.live.Done()
		<-p.slots
		return nil, err
	}
	return s, nil
}

func (p *Pool) give(s *session) {
	p.mu.Lock()
	wanted := p.waiting > 0 && len(p.slots) == cap(p.slots)
	if p.closed || wanted || s.uses >= p.cfg.Uses {
		p.mu.Unlock()
		p.end(s)
		return
	}
	s.used = time.Now()
	p.idle = append(p.idle, s)
	if p.reaper == nil {
		p.reaper = time.AfterFunc(p.cfg.Idle, p.reap)
	}
	p.mu.Unlock()
}

func (p *Pool) end(s *session) {
	s.close()
	p.live.Done()
	<-p.slots
}

// reap ends processes that were idle too long and comes back while any is left.
func (p *Pool) reap() {
	deadline := time.Now().Add(-p.cfg.Idle)
	p.endWhere(func(s *session) bool { return !s.used.After(deadline) })
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) == 0 {
		p.reaper = nil
		return
	}
	p.reaper = time.AfterFunc(p.cfg.Idle/2, p.reap)
}

func (p *Pool) endWhere(match func(*session) bool) {
	p.mu.Lock()
	var kept, ended []*session
	for _, s := range p.idle {
		if match(s) {
			ended = append(ended, s)
		} else {
			kept = append(kept, s)
		}
	}
	p.idle = kept
	p.mu.Unlock()
	for _, s := range ended {
		p.end(s)
	}
}
