package executor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Service runs builds. Make one with New.
type Service struct {
	cfg    Config
	builds string // directory of workspaces
	kept   string // directory of workspaces of held builds
	slots  sync.WaitGroup

	mu       sync.Mutex
	running  map[scheduler.BuildID]*running
	settled  memory // builds that ended here
	canceled memory // cancels of builds that were not running here
}

// New returns a service that is ready to Run. It removes what an earlier life
// left in the directory.
func New(cfg Config) (*Service, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("executor directory: %w", err)
	}
	s := &Service{
		cfg:     cfg.withDefaults(),
		builds:  filepath.Join(dir, "builds"),
		running: map[scheduler.BuildID]*running{},
	}
	s.cfg.Sandbox.Reap(s.builds)
	s.cfg.Sandbox.Clean()
	if err := removeTree(s.builds); err != nil {
		return nil, fmt.Errorf("remove old workspaces: %w", err)
	}
	s.kept = filepath.Join(dir, "held")
	for _, dir := range []string{s.builds, s.kept} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("create workspaces: %w", err)
		}
	}
	return s, nil
}

// Run takes and runs builds until ctx ends. Then it kills what runs, tells
// nobody about it, gives the messages back and returns when all processes and
// workspaces are gone: builds of an executor that left are the scheduler's to
// start again.
func (s *Service) Run(ctx context.Context) {
	s.cfg.Log.Info("executor started", "executor", s.cfg.Name, "slots", s.cfg.Slots)
	for range s.cfg.Slots {
		s.slots.Go(func() { s.slot(ctx) })
	}
	s.slots.Wait()
	s.cfg.Log.Info("executor stopped", "executor", s.cfg.Name)
}

// Running returns how many builds run now.
func (s *Service) Running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.running)
}

// Cancel stops a build, now or when its message arrives. The build is not
// reported: who canceled it knows.
func (s *Service) Cancel(build scheduler.BuildID, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.running[build]; ok {
		r.stop(&canceledError{reason})
		return
	}
	s.canceled.add(build)
}

// slot runs one build after the other. While a build pauses another slot takes
// its place, and this one ends with the build.
func (s *Service) slot(ctx context.Context) {
	wait := backoff{}
	for ctx.Err() == nil {
		m, err := s.cfg.Queue.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.cfg.Log.Warn("ask for work", "executor", s.cfg.Name, "err", err)
				wait.sleep(ctx)
			}
			continue
		}
		wait = backoff{}
		if yielded := s.handle(ctx, m); yielded {
			return
		}
	}
}

// handle runs the build of one message unless it is a duplicate or nobody
// wants it any more. It reports whether another slot has taken its place.
func (s *Service) handle(ctx context.Context, m Message) (yielded bool) {
	req := m.Request()
	id := req.Start.Build
	log := s.cfg.Log.With("executor", s.cfg.Name, "tenant", req.Start.Tenant, "build", id)
	if ctx.Err() != nil {
		s.tell(log, "release message", m.Release)
		return false
	}
	bctx, resume, verdict := s.claim(ctx, req)
	switch verdict {
	case claimRunning:
		return false // the delivery that runs keeps the message alive
	case claimSettled:
		s.tell(log, "acknowledge message", m.Ack)
		return false
	}
	defer s.release(id)
	stopHeart := s.heartbeat(bctx, m)
	b := &build{cfg: s.cfg, req: req, log: log, dir: filepath.Join(s.builds, string(id)), resume: resume, granted: s.grantsOf(id)}
	b.yield = func() {
		yielded = true
		s.slots.Go(func() { s.slot(ctx) })
	}
	done := b.run(ctx, bctx)
	sent := done && send(ctx, s.cfg.Results, req.Start.Tenant, b.completed(), log)
	stopHeart()
	s.leave(ctx, b, sent)
	if ctx.Err() != nil && !sent {
		s.tell(log, "release message", m.Release)
		return yielded
	}
	s.settle(id)
	s.tell(log, "acknowledge message", m.Ack)
	return yielded
}

type claim int

const (
	claimOurs claim = iota
	claimRunning
	claimSettled
)

// claim makes the build ours, or says why not.
func (s *Service) claim(ctx context.Context, req Request) (context.Context, <-chan struct{}, claim) {
	id := req.Start.Build
	wanted := s.cfg.Wanted == nil || s.cfg.Wanted(req.Start.Tenant, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.running[id]; ok {
		return nil, nil, claimRunning
	}
	if !wanted || !validBuild(id) || req.Start.Job == nil || s.settled.has(id) || s.canceled.has(id) {
		return nil, nil, claimSettled
	}
	bctx, stop := context.WithCancelCause(ctx)
	r := &running{stop: stop, resume: make(chan struct{}), granted: make(chan int, 1)}
	s.running[id] = r
	return bctx, r.resume, claimOurs
}

// validBuild keeps identifiers that are no plain file name away from paths.
func validBuild(id scheduler.BuildID) bool {
	return id != "" && len(id) <= 64 && filepath.IsLocal(string(id)) && filepath.Base(string(id)) == string(id)
}

func (s *Service) release(id scheduler.BuildID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[id].stop(context.Canceled)
	delete(s.running, id)
}

func (s *Service) settle(id scheduler.BuildID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled.add(id)
}

// heartbeat keeps m alive until the returned function is called. That does
// not wait: a queue that is slow to answer must not hold up a result.
func (s *Service) heartbeat(ctx context.Context, m Message) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		tick := time.NewTicker(s.cfg.Heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				s.tell(s.cfg.Log, "keep message alive", m.InProgress)
			}
		}
	}()
	return cancel
}

// send sends c until it is safe, and reports whether it is; false means that
// ctx ended before.
func send(ctx context.Context, to Results, t scheduler.TenantName, c scheduler.Command, log *slog.Logger) bool {
	wait := backoff{}
	for ctx.Err() == nil {
		err := to.Send(ctx, t, c)
		if err == nil {
			return true
		}
		log.Warn("send result", "err", err)
		wait.sleep(ctx)
	}
	return false
}

// canceledError is the cause of a build's context when the scheduler no
// longer wants it.
type canceledError struct{ reason string }

func (e *canceledError) Error() string { return "canceled: " + e.reason }

func isCanceled(err error) bool {
	_, ok := errors.AsType[*canceledError](err)
	return ok
}
