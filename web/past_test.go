package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestStatusOfThePast shows what was, with the times of then.
func TestStatusOfThePast(t *testing.T) {
	t.Parallel()
	b := setup(t)
	early := b.get(statusPath + "?at=" + ago(50*time.Second).Format(time.RFC3339))
	wantStatus(t, early, http.StatusOK)
	if early.Header().Get("Gozer-Seq") != "1" || strings.Contains(early.Body.String(), string(runningBuild)) {
		t.Errorf("a minute ago nothing ran: %v %s", early.Header(), early.Body)
	}
	later := b.get(statusPath + "?at=1767323035.5") // 9.5 seconds ago
	wantStatus(t, later, http.StatusOK)
	if body := later.Body.String(); later.Header().Get("Gozer-Seq") != "2" || !strings.Contains(body, `"elapsed_time":20500`) {
		t.Errorf("elapsed times are not those of then: %v %s", later.Header(), body)
	}
	items := b.get("/api/tenant/acme/status/change/1,1?at=" + ago(50*time.Second).Format(time.RFC3339))
	wantStatus(t, items, http.StatusOK)
	if body := items.Body.String(); !strings.Contains(body, `"id":"i1"`) || !strings.Contains(body, `"jobs":[]`) {
		t.Errorf("got %s", body)
	}
}

// TestThePastIsRemembered folds once for what can't change any more.
func TestThePastIsRemembered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := statusPath + "?at=" + ago(30*time.Second).Format(time.RFC3339)
	first := b.get(path)
	second := b.get(path, "If-None-Match", first.Header().Get("Etag"))
	wantStatus(t, second, http.StatusNotModified)
	if b.past.folds != 1 {
		t.Errorf("folded %d times", b.past.folds)
	}
	fresh := statusPath + "?at=" + start.Format(time.RFC3339)
	b.get(fresh)
	b.get(fresh)
	if b.past.folds != 3 {
		t.Errorf("folded %d times, and the newest commits may be under way", b.past.folds)
	}
	for i := range 40 { // bounded
		b.get(statusPath + "?at=" + ago(50*time.Second-time.Duration(i)*time.Millisecond).Format(time.RFC3339Nano))
	}
	if b.get(path); b.past.folds != 44 {
		t.Errorf("folded %d times", b.past.folds)
	}
}

func TestAbsurdTimes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for at, text := range map[string]string{
		"":                     "at is no time",
		"yesterday":            "at is no time",
		"NaN":                  "at is no time",
		"-5":                   "at is no time",
		"1e300":                "at is no time",
		"1":                    "began later",
		"2031-01-01T00:00:00Z": "in the future",
		"99999999999":          "in the future",
	} {
		for _, path := range []string{statusPath, "/api/tenant/acme/status/change/1,1", "/api/tenant/acme/explain/1"} {
			w := b.get(path + "?at=" + at)
			wantStatus(t, w, http.StatusBadRequest)
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s?at=%s: got %s", path, at, w.Body)
			}
		}
	}
}
