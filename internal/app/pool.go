package app

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// pool runs tasks, a bounded number at a time and without bound on how many
// wait. Tasks of one lane run in the order they came.
type pool struct {
	ctx context.Context
	log *slog.Logger

	mu    sync.Mutex
	free  int
	lanes map[string]*lane
	ready []*lane // with tasks and nobody at work, oldest first
	wg    sync.WaitGroup
}

type lane struct {
	name    string
	tasks   []func(context.Context)
	running bool
}

func newPool(ctx context.Context, workers int, log *slog.Logger) *pool {
	return &pool{ctx: ctx, log: log, free: workers, lanes: map[string]*lane{}}
}

// do queues a task and returns at once.
func (p *pool) do(name string, task func(context.Context)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lanes[name]
	if l == nil {
		l = &lane{name: name}
		p.lanes[name] = l
	}
	l.tasks = append(l.tasks, task)
	if !l.running && len(l.tasks) == 1 {
		p.ready = append(p.ready, l)
	}
	p.start()
}

// start gives free workers to ready lanes; p.mu is held.
func (p *pool) start() {
	for p.free > 0 && len(p.ready) > 0 && p.ctx.Err() == nil {
		l := p.ready[0]
		p.ready = p.ready[1:]
		l.running = true
		p.free--
		p.wg.Add(1)
		go p.work(l)
	}
}

// work runs the first task of a lane and puts the lane back in line.
func (p *pool) work(l *lane) {
	defer p.wg.Done()
	p.mu.Lock()
	task := l.tasks[0]
	l.tasks = l.tasks[1:]
	p.mu.Unlock()
	task(p.ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	l.running = false
	p.free++
	if len(l.tasks) > 0 {
		p.ready = append(p.ready, l)
	} else {
		delete(p.lanes, l.name)
	}
	p.start()
}

// wait returns when no task runs any more; call it after the context ended.
func (p *pool) wait() { p.wg.Wait() }

// guarded turns a panic into an error: a mistake that one item or one tenant
// brings out must not end the others.
func guarded(ctx context.Context, try func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return try(ctx)
}

// Pauses between attempts of something that must succeed in the end.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 15 * time.Second
)

// persist repeats try until it succeeds, ctx ends, or attempts are used up
// (0 is without end). It returns the last error.
func persist(ctx context.Context, log *slog.Logger, what string, attempts int, try func(context.Context) error) error {
	pause := firstPause
	for n := 1; ; n++ {
		err := guarded(ctx, try)
		if err == nil || ctx.Err() != nil || n == attempts {
			return err
		}
		log.Warn("trying again", "operation", what, "attempt", n, "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, lastPause)
	}
}
