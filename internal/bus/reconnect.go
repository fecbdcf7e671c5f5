package bus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Bounds of the wait before something is tried again.
const (
	retryFirst = 100 * time.Millisecond
	retryLast  = 30 * time.Second
)

// reconnected is called when an external server is back. What it kept in
// memory may be gone with it, streams and consumers too: they are made again,
// and whoever reads from them begins anew.
func (b *Bus) reconnected() {
	b.log.Info("nats connection is back")
	b.mu.Lock()
	clear(b.streams)
	b.endLife()
	b.life, b.endLife = context.WithCancel(b.ctx)
	b.mu.Unlock()
	b.spawn(func() {
		_ = b.persist(b.ctx, "streams were not made again", func(ctx context.Context) error { return b.makeStreams(ctx) })
	})
}

// persist runs f until it returns nil or ctx ends. f gets a context that also
// ends when the connection was made again; then it runs anew at once, or else
// after a growing wait.
func (b *Bus) persist(ctx context.Context, trouble string, f func(context.Context) error) error {
	for wait := retryFirst; ; wait = min(2*wait, retryLast) {
		b.mu.Lock()
		life := b.life
		b.mu.Unlock()
		run, cancel := context.WithCancel(ctx)
		detach := context.AfterFunc(life, cancel)
		err := f(run)
		detach()
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			return nil
		case life.Err() != nil:
			wait = retryFirst / 2
			continue
		}
		b.log.Warn(trouble, "wait", wait, "err", err)
		select {
		case <-time.After(wait):
		case <-life.Done():
		case <-ctx.Done():
		}
	}
}

// ended reports whether a reader of messages stopped because it was told to.
func ended(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, jetstream.ErrMsgIteratorClosed)
}
