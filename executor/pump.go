package executor

import (
	"context"
	"log/slog"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

const (
	// chunkBytes is the most that a sink gets at once, coalesce how long it
	// waits for as much.
	chunkBytes = 64 << 10
	coalesce   = 50 * time.Millisecond
	// grace is how long after the end of a build a sink may catch up.
	grace = 5 * time.Second
)

// pump feeds a sink from a console's file, at the sink's pace.
type pump struct {
	console *console
	sink    ConsoleSink
	build   scheduler.BuildID
	log     *slog.Logger

	sent int64
	buf  []byte
}

// startPump starts feeding. The returned function tells the pump that the
// console is complete, and waits until the sink has it all, until grace is
// over or until ctx ends.
func startPump(ctx context.Context, p *pump) (finish func()) {
	ctx, cancel := context.WithCancel(ctx)
	complete, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		p.run(ctx, complete)
	}()
	return func() {
		close(complete)
		late := time.AfterFunc(grace, cancel)
		defer late.Stop()
		<-done
		cancel()
	}
}

func (p *pump) run(ctx context.Context, complete <-chan struct{}) {
	p.buf = make([]byte, chunkBytes)
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			return
		case <-complete:
			ended = true
		case <-p.console.grown:
			ended = p.gather(ctx, complete)
		}
		p.drain(ctx)
	}
	err := p.sink.Close(ctx, p.build, p.sent)
	if missing := p.console.Size() - p.sent; err != nil || missing > 0 {
		p.log.Warn("console stream is incomplete", "missing_bytes", missing, "err", err)
	}
}

// gather waits for more to send at once, and reports whether the console is
// complete.
func (p *pump) gather(ctx context.Context, complete <-chan struct{}) bool {
	timer := time.NewTimer(coalesce)
	defer timer.Stop()
	for p.console.Size()-p.sent < chunkBytes {
		select {
		case <-ctx.Done():
			return false
		case <-complete:
			return true
		case <-timer.C:
			return false
		case <-p.console.grown:
		}
	}
	return false
}

// drain sends all that there is. It keeps trying until ctx ends.
func (p *pump) drain(ctx context.Context) {
	wait := backoff{}
	for p.sent < p.console.Size() && ctx.Err() == nil {
		n, err := p.console.f.ReadAt(p.buf[:min(chunkBytes, p.console.Size()-p.sent)], p.sent)
		if n == 0 {
			p.log.Warn("read console", "err", err)
			return
		}
		if err := p.sink.Write(ctx, p.build, p.sent, p.buf[:n]); err != nil {
			p.log.Debug("write to console sink", "err", err)
			wait.sleep(ctx)
			continue
		}
		wait = backoff{}
		p.sent += int64(n)
	}
}
