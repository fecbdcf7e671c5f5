package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// attempt is a request that must be refused.
type attempt struct {
	name, method, path string
	body               []byte
	header             map[string]string
	want               int
	says               string
}

// try sends an attempt as the administrator and returns status and answer.
func (s *server) try(x attempt) (int, string, error) {
	req, err := http.NewRequestWithContext(s.t.Context(), x.method, s.url+x.path, bytes.NewReader(x.body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+s.admin.token)
	for k, v := range x.header {
		req.Header.Set(k, v)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

func (s *server) refuses(list []attempt) {
	s.t.Helper()
	for _, x := range list {
		status, body, err := s.try(x)
		if err != nil || status != x.want || !strings.Contains(body, x.says) {
			s.t.Errorf("%s: got %d %.500q %v, want %d with %q", x.name, status, body, err, x.want, x.says)
		}
	}
}

func (a *arena) badPushes(t *testing.T, s *server) {
	alpha := a.alpha.in(t)
	alpha.fresh()
	alpha.commit("Straight in", files{"straight": "in\n"})
	for ref, says := range map[string]string{
		"refs/heads/main":       "git push origin HEAD:refs/for/main",
		"refs/for/nowhere":      "has no branch nowhere",
		"refs/changes/01/1/1":   "refs/for/main",
		"refs/gozer/mine":       "refs/for/main",
		"refs/notes/commits":    "refs/for/main",
		"refs/for/main/../main": "",
	} {
		if out := alpha.refused("origin", "HEAD:"+ref); !strings.Contains(out, says) {
			t.Errorf("push to %s: no %q in %s", ref, says, out)
		}
	}
	noise := make([]byte, 9<<20)
	_, _ = rand.Read(noise) // never fails
	alpha.commit("Too much", files{"noise": string(noise)})
	if out := alpha.refused("origin", "HEAD:refs/for/main"); !strings.Contains(out, "larger than 8388608 bytes") {
		t.Errorf("an oversized push: %s", out)
	}
	stranger := alpha
	stranger.git("remote", "set-url", "origin", s.remote(person{"mallory", "no-token"}, "alpha"))
	defer stranger.git("remote", "set-url", "origin", alpha.remote)
	_ = stranger.refused("origin", "HEAD:refs/for/main")
	receive := "/git/alpha/git-receive-pack"
	pack := append([]byte("00a1"+strings.Repeat("0", 40)+" "+strings.Repeat("1", 40)+" refs/for/main\x00 report-status side-band-64k object-format=sha1 agent=e2e/1"), noise[:1<<20]...)
	s.refuses([]attempt{
		{name: "noise", method: "POST", path: receive, body: noise[:1<<20], want: 400, says: ""},
		{name: "a line that never ends", method: "POST", path: receive, body: []byte("fff0x"), want: 400},
		{name: "a length that lies", method: "POST", path: receive, body: []byte("zzzz"), want: 400},
		{name: "commands, then noise", method: "POST", path: receive, body: pack, want: 400},
		{name: "noise to fetch", method: "POST", path: "/git/alpha/git-upload-pack", body: noise[:1<<20], want: 200},
		{name: "gzip that is none", method: "POST", path: receive, body: noise[:1000], header: map[string]string{"Content-Encoding": "gzip"}, want: 400},
		{name: "unknown encoding", method: "POST", path: receive, body: noise[:1000], header: map[string]string{"Content-Encoding": "br"}, want: 400},
		{name: "old protocol", method: "GET", path: "/git/alpha/info/refs", want: 403, says: "smart HTTP"},
		{name: "no project", method: "GET", path: "/git/nothing/info/refs?service=git-upload-pack", want: 404},
	})
}

func (a *arena) badRequests(t *testing.T, s *server) {
	vote := changePath(1) + "/vote"
	kind := map[string]string{"Content-Type": "application/json"}
	big := []byte(`{"label": "Code-Review", "value": 1, "message": "` + strings.Repeat("x", 2<<20) + `"}`)
	deep := []byte(`{"label": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `, "value": 1}`)
	s.refuses([]attempt{
		{"oversized body", "POST", vote, big, kind, 413, "larger than"},
		{"not JSON", "POST", vote, []byte(`{"label": `), kind, 400, "not JSON"},
		{"deep JSON", "POST", vote, deep, kind, 400, ""},
		{"unknown field", "POST", vote, []byte(`{"label": "Code-Review", "value": 1, "x": 1}`), kind, 400, "x"},
		{"wrong type", "POST", vote, []byte(`{"label": 1, "value": "a"}`), kind, 400, ""},
		{"value out of range", "POST", vote, []byte(`{"label": "Code-Review", "value": 99}`), kind, 400, ""},
		{"unknown label", "POST", vote, []byte(`{"label": "Bogus", "value": 1}`), kind, 400, "Bogus"},
		{"nothing", "POST", vote, nil, kind, 400, ""},
		{"no content type", "POST", vote, []byte(`{}`), nil, 415, "Content-Type"},
		{"a form", "POST", vote, []byte(`a=b`), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415, ""},
		{"noise as content type", "POST", vote, []byte(`{}`), map[string]string{"Content-Type": ";;;"}, 415, ""},
		{"absurd number", "GET", "/api/connection/local/changes/99999999999999999999", nil, nil, 400, ""},
		{"no such change", "GET", changePath(999999), nil, nil, 404, "999999"},
		{"no such tenant", "GET", "/api/tenant/%2e%2e/status", nil, nil, 404, ""},
		{"no such method", "DELETE", changePath(1), nil, nil, 405, ""},
		{"negative limit", "GET", "/api/tenant/acme/builds?limit=-1", nil, nil, 400, "limit"},
	})
	many := "/api/tenant/acme/builds?" + strings.Repeat("project=alpha&", 4000) + "limit=1"
	if status, body, err := s.try(attempt{method: "GET", path: many}); err != nil || status >= 500 {
		t.Errorf("4,000 parameters: %d %.300s %v", status, body, err)
	}
	more := "/api/tenant/acme/builds?" + strings.Repeat("project=alpha&", 10000) + "limit=1"
	if status, body, err := s.try(attempt{method: "GET", path: more}); err != nil || status < 400 || status >= 500 {
		t.Errorf("10,000 parameters: %d %.300s %v", status, body, err)
	}
	a.traversal(t, s)
}

// traversal asks for files outside of what is served. The client of the
// standard library would clean such paths, so they go out by hand.
func (a *arena) traversal(t *testing.T, s *server) {
	build := s.builds("acme", "")[0].UUID
	for _, path := range []string{
		"/logs/" + build + "/../../../gozer.yaml",
		"/logs/" + build + "/..%2f..%2f..%2fgozer.yaml",
		"/logs/" + build + "/%2e%2e/%2e%2e/%2e%2e/gozer.yaml",
		"/logs/..%2f..%2fgozer.yaml",
		"/logs/../../gozer.yaml",
		"/logs/" + build + "//etc/passwd",
		"/logs/" + build + "/..\\..\\gozer.yaml",
		"/logs/%00/x",
		"/git/../../gozer.yaml",
		"/git/..%2f..%2fsecrets/info/refs?service=git-upload-pack",
		"/git/alpha/../config/../../secrets/info/refs?service=git-upload-pack",
		"/git/%2e%2e/local/git/alpha/info/refs?service=git-upload-pack",
		"/git//etc/info/refs?service=git-upload-pack",
		"/git/--upload-pack=touch/info/refs?service=git-upload-pack",
	} {
		conn := a.dial(t)
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, s.listen)
		data, err := io.ReadAll(conn)
		status, _, _ := strings.Cut(string(data), "\r\n")
		if err != nil || !strings.HasPrefix(status, "HTTP/1.1 4") && !strings.HasPrefix(status, "HTTP/1.1 3") {
			t.Errorf("GET %s: %s %v\n%.500s", path, status, err, data)
		}
		if bytes.Contains(data, []byte("listen:")) || bytes.Contains(data, []byte("root:x:")) {
			t.Errorf("GET %s served a file of the machine", path)
		}
	}
}

func (a *arena) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", a.listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // the server may have closed it
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// slowClients opens connections that never do what they began.
func (a *arena) slowClients(t *testing.T, s *server) {
	for range 300 { // who only ever hang on the events
		conn := a.dial(t)
		fmt.Fprintf(conn, "GET /api/tenant/acme/events HTTP/1.1\r\nHost: %s\r\n\r\n", s.listen)
	}
	headers := make([]net.Conn, 100)
	for i := range headers { // who send a header byte by byte
		headers[i] = a.dial(t)
		fmt.Fprint(headers[i], "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	}
	body := a.dial(t) // who promises a body
	fmt.Fprintf(body, "POST %s/vote HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", changePath(1), s.admin.token)
	push := a.dial(t) // and who promises a push
	fmt.Fprintf(push, "POST /git/alpha/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 100000\r\n\r\n0", s.admin.token)
	a.deafWatchers(t, s)
	for _, conn := range headers {
		for err := error(nil); err == nil; { // until the server has had enough
			_, err = conn.Write([]byte("x"))
			if err == nil {
				_ = conn.SetReadDeadline(time.Now().Add(pollEvery))
				_, err = conn.Read(make([]byte, 512))
				if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
					err = nil
				}
			}
		}
	}
	var info string
	s.get("/api/info", &info)
}

// deafWatchers open websockets on a console that floods and never read, next
// to one that does.
func (a *arena) deafWatchers(t *testing.T, s *server) {
	n := a.alpha.in(t).change("Print much", files{"ci/do.sh": "i=0; while [ $i -lt 15 ]; do head -c 655360 /dev/zero | tr '\\000' y; echo; sleep 0.1; i=$((i+1)); done; echo the end\n"})
	build := s.awaitBuild("acme", "check", "alpha-test")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range 20 {
		ws := a.watch(ctx, t, build, true)
		t.Cleanup(func() { _ = ws.Close() }) // never read, never closed in good order
	}
	var out strings.Builder
	var group sync.WaitGroup
	ws := a.watch(ctx, t, build, false)
	group.Go(func() {
		for {
			_, data, err := ws.ReadMessage()
			out.Write(data)
			if err != nil {
				return
			}
		}
	})
	s.awaitVerified(n, 1)
	group.Wait()
	if !strings.Contains(out.String(), "the end") || strings.Count(out.String(), "y") < 15*655360 {
		t.Errorf("a client that reads got %d bytes", out.Len())
	}
	_ = ws.Close()
	s.await("the server drops who does not read", func() (bool, error) {
		var metrics string
		err := s.call(ctx, "", "GET", "/metrics", nil, &metrics)
		gone := strings.Contains(metrics, `gozer_http_streams{kind="websocket"} 0`)
		return gone && strings.Contains(metrics, `gozer_http_streams_dropped_total{kind="websocket"}`), err
	})
}

// watch asks for a console; who is deaf has little room for what is not read.
func (a *arena) watch(ctx context.Context, t *testing.T, build string, deaf bool) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if tcp, ok := conn.(*net.TCPConn); ok && deaf {
			err = tcp.SetReadBuffer(4 << 10)
		}
		return conn, err
	}}
	ws, resp, err := dialer.DialContext(ctx, "ws://"+a.listen+"/api/tenant/acme/console-stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	data, err := json.Marshal(map[string]string{"uuid": build, "logfile": "console.log"})
	if err == nil {
		err = ws.WriteMessage(websocket.TextMessage, data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ws
}
