package web

import (
	"context"
	"net/http"
	"time"
)

// streamPatience is how long a client may take to read one piece of a stream
// before it is dropped.
const streamPatience = 10 * time.Second

// Stop ends all streams, so that a graceful shutdown does not wait for them.
// It fits http.Server.RegisterOnShutdown.
func (s *Server) Stop() { s.stop() }

// stream counts a stream until done is called. Its context ends with the
// client or with the server.
func (s *Server) stream(ctx context.Context, kind string) (streaming context.Context, done func()) {
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(s.stopping, cancel)
	gauge := s.metrics.streams.WithLabelValues(kind)
	gauge.Inc()
	return ctx, func() {
		gauge.Dec()
		unlink()
		cancel()
	}
}

// streamWriter sends an answer of unknown length piece by piece.
type streamWriter struct {
	c       *call
	s       *Server
	kind    string // label of metrics and log lines
	started bool
}

// open counts the stream until done is called, and lifts the limit on reading
// that ordinary answers have.
func (o *streamWriter) open() (ctx context.Context, done func()) {
	_ = http.NewResponseController(o.c.w).SetReadDeadline(time.Time{}) // recorders have none
	return o.s.stream(o.c.Context(), o.kind)
}

// start sends the headers.
func (o *streamWriter) start() {
	if o.started {
		return
	}
	o.started = true
	h := o.c.w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	o.c.w.WriteHeader(http.StatusOK)
}

// write sends a piece now, and reports false when the client is gone or does
// not read. Nothing is kept for it: whoever makes the pieces waits.
func (o *streamWriter) write(p []byte) bool {
	o.start()
	rc := http.NewResponseController(o.c.w)
	_ = rc.SetWriteDeadline(time.Now().Add(o.s.patience)) // recorders have none
	_, err := o.c.w.Write(p)
	if err == nil {
		err = rc.Flush()
	}
	if err != nil {
		o.s.dropped(o.c, o.kind, err)
	}
	return err == nil
}

// fail ends a stream that broke: with an answer when nothing was sent yet,
// else by cutting the connection, so that nobody takes it for complete.
func (o *streamWriter) fail(err error) error {
	if !o.started || o.c.Context().Err() != nil {
		return err
	}
	o.s.deps.Log.Warn("stream broke", "request", requestID(o.c.Context()), "err", err)
	panic(http.ErrAbortHandler)
}

// dropped notes a client that left or did not keep up.
func (s *Server) dropped(c *call, kind string, err error) {
	if c.Context().Err() == nil {
		s.metrics.dropped.WithLabelValues(kind).Inc()
		s.deps.Log.Info("stream dropped: the client does not read", "request", requestID(c.Context()), "kind", kind, "err", err)
	}
}
