package web_test

import (
	"net/http"
	"strings"
	"testing"
)

const logPath = "/logs/" + string(doneBuild)

func TestLogsAreServedInert(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, kind := range map[string]string{
		"/job-output.txt": "text/plain; charset=utf-8", "/logs/page.html": "text/plain; charset=utf-8", "/logs/a%20b.png": "image/png",
	} {
		w := b.get(logPath + path)
		wantStatus(t, w, http.StatusOK)
		h := w.Header()
		if h.Get("Content-Type") != kind || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") {
			t.Errorf("%s: headers %v", path, h)
		}
	}
}

func TestLogRanges(t *testing.T) {
	t.Parallel()
	w := setup(t).get(logPath+"/job-output.txt", "Range", "bytes=2-4")
	if w.Code != http.StatusPartialContent || w.Body.String() != "234" || w.Header().Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("got %d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestLogListings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.get(logPath + "/")
	wantStatus(t, w, http.StatusOK)
	for _, part := range []string{`href="./job-output.txt"`, `href="./logs/"`} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("%s is not in %s", part, w.Body)
		}
	}
	w = b.get(logPath + "/logs/")
	if !strings.Contains(w.Body.String(), `href="../"`) || !strings.Contains(w.Body.String(), `href="./a%20b.png"`) {
		t.Errorf("got %s", w.Body)
	}
	w = b.get(logPath+"/logs/", "Accept", "application/json")
	if want := `[{"name":"a b.png","type":"file","size":10,"modified":"2026-01-02T03:04:05"},` +
		`{"name":"page.html","type":"file","size":10,"modified":"2026-01-02T03:04:05"}]`; w.Body.String() != want {
		t.Errorf("got %s", w.Body)
	}
	if w := b.get(logPath + "/logs"); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "./logs/" {
		t.Errorf("got %d to %s", w.Code, w.Header().Get("Location"))
	}
}

func TestUnknownLogs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, path := range []string{logPath + "/nothing", "/logs/1/job-output.txt", "/logs/1/", logPath + "/logs/nothing/"} {
		if w := b.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d", path, w.Code)
		}
	}
}
