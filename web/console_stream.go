package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gozer-ci/gozer/scheduler"
)

// Close codes of console-stream.
const (
	closeDone    = websocket.CloseNormalClosure
	closeRefused = 4000
	closeError   = 4011
)

const (
	pingEvery = 20 * time.Second
	// pongWait is how long a client may be silent.
	pongWait = 3 * pingEvery
	// maxRequestFrame bounds what a client sends, in bytes.
	maxRequestFrame = 64 << 10
	// maxFrame bounds a frame of output, in bytes.
	maxFrame = 32 << 10
)

// ownOrigin accepts pages of the server itself and programs, which send no
// Origin, so that other sites cannot read consoles from a visitor's network.
func (s *Server) ownOrigin(r *http.Request) bool {
	header := r.Header.Get("Origin")
	if header == "" {
		return true
	}
	origin, err := url.Parse(header)
	if err != nil {
		return false
	}
	return strings.EqualFold(origin.Host, r.Host) || strings.EqualFold(header, s.cfg.PublicURL)
}

// upgrader holds what all upgrades share.
var upgrader = websocket.Upgrader{ReadBufferSize: 1 << 10, WriteBufferSize: 4 << 10, WriteBufferPool: &sync.Pool{}}

// streamConsole relays the output of a build over a websocket, with Zuul's
// protocol: one text frame asks, text frames answer, a close frame says how it
// ended.
func (s *Server) streamConsole(c *call) error {
	if !websocket.IsWebSocketUpgrade(c.Request) {
		return invalid("This is a websocket: connect with an upgrade request.")
	}
	clearDeadlines(c.w) // the websocket has its own
	u := upgrader
	u.CheckOrigin = s.ownOrigin
	u.Error = func(w http.ResponseWriter, r *http.Request, status int, reason error) {
		s.writeError(w, r, &Problem{Status: status, Code: "forbidden", Detail: reason.Error()})
	}
	ws, err := u.Upgrade(c.w, c.Request, nil)
	if err != nil {
		return nil // Upgrade answered
	}
	defer ws.Close()
	ctx, done := s.stream(c.Context(), "websocket")
	defer done()
	// The request's context does not end with a hijacked connection.
	ctx, gone := context.WithCancel(ctx)
	defer gone()
	(&consoleConn{s: s, c: c, ws: ws}).serve(ctx, gone)
	return nil
}

// consoleConn is one client of console-stream. The goroutine of serve writes
// frames; another reads; control frames may come from both.
type consoleConn struct {
	s  *Server
	c  *call
	ws *websocket.Conn
}

func (k *consoleConn) serve(ctx context.Context, cancel context.CancelFunc) {
	k.ws.SetReadLimit(maxRequestFrame)
	_ = k.ws.SetReadDeadline(time.Now().Add(pongWait))
	k.ws.SetPongHandler(func(string) error { return k.ws.SetReadDeadline(time.Now().Add(pongWait)) })
	first := make(chan []byte, 1)
	go k.read(first, cancel)
	go k.ping(ctx)
	select {
	case <-ctx.Done():
	case request := <-first:
		k.close(k.answer(ctx, request))
	}
}

// read hands the first text frame over and then only notices that the client
// is gone.
func (k *consoleConn) read(first chan<- []byte, gone context.CancelFunc) {
	defer gone()
	asked := false
	for {
		kind, data, err := k.ws.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.TextMessage && !asked {
			asked = true
			first <- data
		}
	}
}

func (k *consoleConn) ping(ctx context.Context) {
	t := time.NewTicker(pingEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			// A client that cannot be pinged is noticed by the reader.
			_ = k.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(streamPatience))
		}
	}
}

// answer runs one request and returns how to close.
func (k *consoleConn) answer(ctx context.Context, data []byte) (code int, reason string) {
	var request map[string]json.RawMessage
	if err := json.Unmarshal(data, &request); err != nil {
		return closeRefused, "request payload is not a JSON object"
	}
	for _, key := range []string{"uuid", "logfile"} {
		if _, ok := request[key]; !ok {
			return closeRefused, "'" + key + "' missing from request payload"
		}
	}
	var uuid string
	if err := json.Unmarshal(request["uuid"], &uuid); err != nil {
		return closeError, "Build not found"
	}
	build := scheduler.BuildID(uuid)
	switch k.s.buildState(ctx, k.c.tenant, build) {
	case buildUnknown:
		return closeError, "Build not found"
	case buildWaiting:
		return closeError, "Build did not start yet"
	}
	return k.relay(ctx, build)
}

// relay sends the whole output, then what comes, in frames of whole
// characters. It keeps at most one frame: a client that does not read makes
// this goroutine wait for streamPatience and is then dropped.
func (k *consoleConn) relay(ctx context.Context, build scheduler.BuildID) (int, string) {
	var text runeSplitter
	for chunk, err := range k.s.deps.Console.Read(ctx, build, 0, true) {
		if ctx.Err() != nil {
			return websocket.CloseGoingAway, "server stops"
		}
		if _, refused := errors.AsType[*scheduler.Rejection](err); refused {
			return closeError, "Error with log streaming"
		}
		if err != nil {
			k.s.deps.Log.Warn("console stream broke", "build", build, "err", err)
			return closeDone, "Remote error"
		}
		for len(chunk) > 0 {
			n := min(len(chunk), maxFrame)
			if !k.send(text.next(chunk[:n])) {
				return websocket.CloseTryAgainLater, "client too slow"
			}
			chunk = chunk[n:]
		}
	}
	k.send(text.rest())
	return closeDone, "No more data"
}

// send writes one frame and reports false when the client does not take it.
func (k *consoleConn) send(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	_ = k.ws.SetWriteDeadline(time.Now().Add(k.s.patience))
	err := k.ws.WriteMessage(websocket.TextMessage, text)
	if err != nil {
		k.s.dropped(k.c, "websocket", err)
	}
	return err == nil
}

// close says how it ended.
func (k *consoleConn) close(code int, reason string) {
	frame := websocket.FormatCloseMessage(code, reason)
	// A client that is gone or stuck gets no close frame.
	_ = k.ws.WriteControl(websocket.CloseMessage, frame, time.Now().Add(time.Second))
}
