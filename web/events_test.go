package web_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// eventStream reads the ids of events.
type eventStream struct {
	t     *testing.T
	lines *bufio.Scanner
}

func (b *bundle) events(t *testing.T, lastID string) *eventStream {
	t.Helper()
	s := b.serve(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/tenant/acme/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	answer, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		t.Fatalf("got %d %s", answer.StatusCode, kind)
	}
	return &eventStream{t, bufio.NewScanner(answer.Body)}
}

// next is the data of the next event.
func (e *eventStream) next() string {
	e.t.Helper()
	for e.lines.Scan() {
		if data, ok := strings.CutPrefix(e.lines.Text(), "data: "); ok {
			return data
		}
	}
	e.t.Fatal("the stream ended")
	return ""
}

func TestEventsTellOfCommits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stream := b.events(t, "")
	if got := stream.next(); got != `{"seq":2}` {
		t.Errorf("first event %s", got)
	}
	began := time.Now()
	for range 100 {
		b.live.commit(scheduler.ItemFailing{Item: "i3"})
	}
	events := 1
	for stream.next() != `{"seq":102}` {
		events++
		if time.Since(began) > 20*time.Second {
			t.Fatal("the last commit is not told")
		}
	}
	if most := 2 + int(time.Since(began)/(250*time.Millisecond)); events > most {
		t.Errorf("%d events in %s", events, time.Since(began))
	}
}

func TestReturningClientMissesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live.commit(scheduler.ItemFailing{Item: "i3"})
	if got := b.events(t, "1").next(); got != `{"seq":3}` {
		t.Errorf("got %s", got)
	}
	upToDate := b.events(t, "3")
	b.live.commit(scheduler.ItemFailing{Item: "i3"})
	if got := upToDate.next(); got != `{"seq":4}` {
		t.Errorf("a client that knows all is told %s", got)
	}
}
