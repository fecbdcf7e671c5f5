package web_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

const streamPath = "/api/tenant/acme/console-stream"

// serve runs the bundle behind a real socket.
func (b *bundle) serve(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.Config = web.NewHTTPServer(b.handler)
	s.Start()
	t.Cleanup(func() {
		b.Stop()
		s.Close()
	})
	return s
}

func dial(t *testing.T, s *httptest.Server, path string, headers http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	ws, r, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+path, headers)
	if err == nil {
		t.Cleanup(func() { _ = ws.Close() })
		_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	}
	return ws, r, err
}

// converse sends a frame and collects the text until the close frame.
func converse(t *testing.T, ws *websocket.Conn, request string) (text string, end *websocket.CloseError) {
	t.Helper()
	if err := ws.WriteMessage(websocket.TextMessage, []byte(request)); err != nil {
		t.Fatal(err)
	}
	for {
		kind, data, err := ws.ReadMessage()
		if err != nil {
			end, ok := errors.AsType[*websocket.CloseError](err)
			if !ok {
				t.Fatal(err)
			}
			return text, end
		}
		if kind != websocket.TextMessage {
			t.Errorf("got a frame of kind %d", kind)
		}
		text += string(data)
	}
}

func ask(build scheduler.BuildID) string {
	return `{"uuid": "` + string(build) + `", "logfile": "console.log"}`
}

func TestConsoleStreamFollowsABuild(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, _, err := dial(t, b.serve(t), streamPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.BinaryMessage, []byte(ask(doneBuild))); err != nil { // is ignored
		t.Fatal(err)
	}
	smile := "\U0001F600"
	go func() {
		b.console.write(runningBuild, []byte("smile "+smile[:2]), false)
		b.console.write(runningBuild, []byte(smile[2:]+" \xff end"), true)
	}()
	text, end := converse(t, ws, ask(runningBuild))
	if want := "hello\nwörld\nsmile " + smile + " \uFFFD end"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	if end.Code != 1000 || end.Text != "No more data" {
		t.Errorf("closed with %d %q", end.Code, end.Text)
	}
}

func TestConsoleStreamRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.serve(t)
	for name, tc := range map[string]struct {
		request string
		code    int
		reason  string
	}{
		"no uuid":       {`{"logfile": "console.log"}`, 4000, "'uuid' missing from request payload"},
		"no logfile":    {`{"uuid": "1"}`, 4000, "'logfile' missing from request payload"},
		"not json":      {`hello`, 4000, "request payload is not a JSON object"},
		"unknown":       {ask("1"), 4011, "Build not found"},
		"uuid a number": {`{"uuid": 1, "logfile": ""}`, 4011, "Build not found"},
		"not started":   {ask(waitingBuild), 4011, "Build did not start yet"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ws, _, err := dial(t, s, streamPath, nil)
			if err != nil {
				t.Fatal(err)
			}
			text, end := converse(t, ws, tc.request)
			if text != "" || end.Code != tc.code || end.Text != tc.reason {
				t.Errorf("got %q and %d %q", text, end.Code, end.Text)
			}
		})
	}
}

func TestConsoleStreamUpgrade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.serve(t)
	for name, tc := range map[string]struct {
		path   string
		origin string
		want   int
	}{
		"unknown tenant": {"/api/tenant/nobody/console-stream", "", http.StatusNotFound},
		"not loaded":     {"/api/tenant/other/console-stream", "", http.StatusUnprocessableEntity},
		"other origin":   {streamPath, "https://evil.example.com", http.StatusForbidden},
		"same origin":    {streamPath, s.URL, http.StatusSwitchingProtocols},
		"public address": {streamPath, "https://gozer.example.com", http.StatusSwitchingProtocols},
		"no origin":      {streamPath, "null", http.StatusForbidden},
	} {
		headers := http.Header{}
		if tc.origin != "" {
			headers.Set("Origin", tc.origin)
		}
		_, r, err := dial(t, s, tc.path, headers)
		if r == nil || r.StatusCode != tc.want {
			t.Errorf("%s: got %v, %v, want %d", name, r, err, tc.want)
		}
	}
}

// TestNeverReadingClientIsDropped has a client that asks for a large console
// and reads nothing: the server must not buffer it, must let it go in time,
// and must serve others meanwhile.
func TestNeverReadingClientIsDropped(t *testing.T) {
	t.Parallel()
	const size = 128 << 20
	b := setup(t)
	b.console.write(doneBuild, bytes.Repeat([]byte("0123456789abcde\n"), size/16), true)
	b.SetPatience(300 * time.Millisecond)
	s := b.serve(t)
	lazy := websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if tcp, ok := c.(*net.TCPConn); ok && err == nil {
			err = tcp.SetReadBuffer(4 << 10)
		}
		return c, err
	}}
	ws, _, err := lazy.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+streamPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := ws.WriteMessage(websocket.TextMessage, []byte(ask(doneBuild))); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, b.get("/api/tenants"), http.StatusOK)
	b.waitForMetric(t, `gozer_http_streams_dropped_total{kind="websocket"} 1`)
	if read := b.console.readBytes(); read > 32<<20 {
		t.Errorf("%d bytes were read for a client that takes none", read)
	}
}

// waitForMetric asks for the metrics page, which is what an operator sees,
// until it has a line.
func (b *bundle) waitForMetric(t *testing.T, line string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		page := b.get("/metrics").Body.String()
		if strings.Contains(page, line) {
			return
		}
		select {
		case <-limit:
			t.Fatalf("no %q in\n%s", line, page)
		case <-tick.C:
		}
	}
}

func TestStopEndsStreams(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, _, err := dial(t, b.serve(t), streamPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, []byte(ask(runningBuild))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ws.ReadMessage(); err != nil {
		t.Fatal(err)
	}
	b.Stop()
	_, _, err = ws.ReadMessage()
	if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("got %v", err)
	}
}

func TestConsoleFollowsOverHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.serve(t)
	r, err := s.Client().Get(s.URL + "/api/tenant/acme/build/" + string(runningBuild) + "/console?offset=6&live=true")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b.console.write(runningBuild, []byte("bye\n"), true)
	var text bytes.Buffer
	if _, err := text.ReadFrom(r.Body); err != nil || text.String() != "wörld\nbye\n" {
		t.Errorf("got %q, %v", text.String(), err)
	}
}

// TestDeadlinesEndWithTheirRequest uses one connection for a stream and, after
// the time that its client had, for a page.
func TestDeadlinesEndWithTheirRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.SetPatience(20 * time.Millisecond)
	s := b.serve(t)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for _, path := range []string{"/api/tenant/acme/build/" + string(doneBuild) + "/console", "/"} {
		if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%s: got %d, %v", path, answer.StatusCode, err)
		}
		<-time.After(50 * time.Millisecond)
	}
}

func FuzzRuneSplitter(f *testing.F) {
	f.Add([]byte("h\xf0\x9f\x98\x80llo \xff\xc3"), 3)
	f.Add([]byte{0x80, 0x80, 0x80, 0x80, 0x80}, 1)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		size = max(size, 1)
		var s web.RuneSplitter
		var got []byte
		for rest := data; len(rest) > 0; {
			n := min(size, len(rest))
			got = append(got, s.Next(rest[:n])...)
			rest = rest[n:]
		}
		got = append(got, s.Rest()...)
		if clean := bytes.ToValidUTF8(data, nil); bytes.Equal(clean, data) && !bytes.Equal(got, data) {
			t.Fatalf("%q became %q in pieces of %d", data, got, size)
		}
		if !bytes.Equal(bytes.ToValidUTF8(got, nil), got) {
			t.Fatalf("%q is not UTF-8", got)
		}
	})
}
