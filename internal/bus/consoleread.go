package bus

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/gozer-ci/gozer/scheduler"
)

// ReadConsole yields a build's console from byte offset from on, and follows
// it live until the final chunk. A console that nobody writes to is waited
// for. It ends early with ctx's error, with ErrSlow when the reader fell
// behind what is kept in memory (the offset it reached is a good place to come
// back to), or with ErrClosed.
func (b *Bus) ReadConsole(ctx context.Context, build scheduler.BuildID, from int64) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		r := &reader{ctx: ctx, pos: max(0, from), yield: yield}
		if err := b.readConsole(r, build); err != nil {
			yield(Chunk{}, err)
		}
	}
}

// errStop ends a reader that has all it wants.
var errStop = errors.New("stop")

func (b *Bus) readConsole(r *reader, build scheduler.BuildID) error {
	h, release, err := b.hub(r.ctx, build)
	if err != nil {
		return err
	}
	defer release()
	for err == nil {
		if err = b.catchUp(r, h, build); err == nil {
			err = r.follow(h)
		}
	}
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// follow reads what the hub keeps and gets. It returns nil when the hub moved
// on before it gave this reader anything: that is no fault of the reader, who
// has to catch up once more.
func (r *reader) follow(h *hub) error {
	for from := r.pos; ; {
		chunks, changed, err := h.after(r.pos)
		if errors.Is(err, ErrSlow) && r.pos == from {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.take(chunks, changed); err != nil {
			return err
		}
	}
}

// catchUp reads what the hub no longer keeps from the stream, at the reader's
// own speed.
func (b *Bus) catchUp(r *reader, h *hub, build scheduler.BuildID) error {
	if h.covers(r.pos) {
		return nil
	}
	s, err := b.stream(r.ctx, b.consoleConfig())
	if err != nil {
		return err
	}
	msgs, err := ordered(r.ctx, s, consoleSubject(build), 1)
	if err != nil {
		return fmt.Errorf("read console of build %s: %w", build, err)
	}
	defer msgs.Stop()
	for !h.covers(r.pos) {
		m, err := nextMessage(r.ctx, msgs)
		if err != nil {
			return errors.Join(r.ctx.Err(), err)
		}
		c, err := decodeChunk(m)
		if err != nil {
			return err
		}
		if err := r.give(c); err != nil {
			return err
		}
	}
	return nil
}

// hub returns the console's hub, started when this is its first reader.
func (b *Bus) hub(ctx context.Context, build scheduler.BuildID) (*hub, func(), error) {
	s, err := b.stream(ctx, b.consoleConfig())
	if err != nil {
		return nil, nil, err
	}
	key := string(build)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, nil, ErrClosed
	}
	h, ok := b.hubs[key]
	if !ok {
		feedCtx, cancel := context.WithCancel(b.ctx)
		h = newHub(cancel)
		b.hubs[key] = h
		b.tasks.Go(func() { b.runHub(feedCtx, h, s, build) })
	}
	h.readers++
	return h, func() { b.leave(key, h) }, nil
}

func (b *Bus) runHub(ctx context.Context, h *hub, s jetstream.Stream, build scheduler.BuildID) {
	msgs, err := ordered(ctx, s, consoleSubject(build), 1)
	if err != nil {
		h.fail(fmt.Errorf("read console of build %s: %w", build, err))
		return
	}
	h.feed(ctx, msgs)
}

func (b *Bus) leave(key string, h *hub) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h.readers--
	if h.readers == 0 {
		h.cancel()
		delete(b.hubs, key)
	}
}

// reader is one call of ReadConsole.
type reader struct {
	ctx   context.Context
	pos   int64 // the next byte to yield
	yield func(Chunk, error) bool
}

// take gives all chunks, or waits for a change when there are none.
func (r *reader) take(chunks []Chunk, changed <-chan struct{}) error {
	if len(chunks) == 0 {
		select {
		case <-changed:
			return nil
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
	for _, c := range chunks {
		if err := r.give(c); err != nil {
			return err
		}
	}
	return nil
}

// give yields what of c the reader does not have yet.
func (r *reader) give(c Chunk) error {
	if skip := r.pos - c.Offset; skip > 0 {
		skip = min(skip, int64(len(c.Data)))
		c.Offset, c.Data = c.Offset+skip, c.Data[skip:]
	}
	if len(c.Data) == 0 && !c.Final {
		return nil
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	r.pos = max(r.pos, c.end())
	if !r.yield(c, nil) || c.Final {
		return errStop
	}
	return nil
}
