package bus

import (
	"context"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// hubBytes is how much of a console's end stays in memory while it has
// readers, once for all of them.
const hubBytes = 1 << 20

// hub reads one console from the bus and shares its end with any number of
// readers. A reader copies nothing and is waited for by nobody: each keeps its
// own offset, and one that falls behind the kept chunks is dropped.
type hub struct {
	readers int // guarded by Bus.mu
	cancel  context.CancelFunc

	mu     sync.Mutex
	chunks []Chunk // contiguous but for bytes that are gone, oldest first
	bytes  int
	// whole says that chunks begin where the stream does.
	whole   bool
	changed chan struct{} // closed and replaced at each change
	err     error         // why feeding ended
}

func newHub(cancel context.CancelFunc) *hub {
	return &hub{cancel: cancel, whole: true, changed: make(chan struct{})}
}

// feed runs until ctx ends or the console does.
func (h *hub) feed(ctx context.Context, msgs jetstream.MessagesContext) {
	defer msgs.Stop()
	for {
		m, err := nextMessage(ctx, msgs)
		if err == nil {
			var c Chunk
			if c, err = decodeChunk(m); err == nil {
				h.add(c)
				if c.Final {
					return
				}
				continue
			}
		}
		if ended(ctx, err) {
			err = ErrClosed
		}
		h.fail(err)
		return
	}
}

func (h *hub) add(c Chunk) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.chunks = append(h.chunks, c)
	h.bytes += len(c.Data)
	for h.bytes > hubBytes && len(h.chunks) > 1 {
		h.bytes -= len(h.chunks[0].Data)
		// Readers may walk the array, so nothing in it is overwritten; growing
		// it lets go of what was cut off.
		h.chunks = h.chunks[1:]
		h.whole = false
	}
	h.wake()
}

func (h *hub) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = err
	h.wake()
}

// wake is called with mu held.
func (h *hub) wake() {
	close(h.changed)
	h.changed = make(chan struct{})
}

// covers reports whether a reader at offset misses nothing by reading here.
func (h *hub) covers(offset int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.whole || len(h.chunks) > 0 && h.chunks[0].Offset <= offset
}

// after returns the kept chunks that reach beyond offset or end the console,
// or a channel that is closed when there may be some.
func (h *hub) after(offset int64) ([]Chunk, <-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.whole && h.chunks[0].Offset > offset {
		return nil, nil, ErrSlow
	}
	i := len(h.chunks)
	for i > 0 && (h.chunks[i-1].end() > offset || h.chunks[i-1].Final) {
		i--
	}
	if i == len(h.chunks) && h.err != nil {
		return nil, nil, h.err
	}
	// Append-only and capped, so the reader may walk it without the lock.
	return h.chunks[i:len(h.chunks):len(h.chunks)], h.changed, nil
}
