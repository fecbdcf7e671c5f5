package web_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

const statusPath = "/api/tenant/acme/status"

func TestStatusIsBuiltOncePerCommit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live.commit(scheduler.BuildCompleted{Build: runningBuild, Item: "i1", Buildset: "s1", Job: "test", Result: "SUCCESS", Time: start})
	first := b.get(statusPath)
	wantStatus(t, first, http.StatusOK)
	b.clock.advance(time.Hour) // nothing runs, so nothing moves
	if second := b.get(statusPath); second.Header().Get("Etag") != first.Header().Get("Etag") {
		t.Errorf("rebuilt without a commit: %s, then %s", first.Header().Get("Etag"), second.Header().Get("Etag"))
	}
	b.live.commit(scheduler.ItemFailing{Item: "i3"})
	if third := b.get(statusPath); third.Header().Get("Gozer-Seq") != "4" || strings.Contains(third.Body.String(), "at least one") {
		t.Errorf("the commit does not show: %v", third.Header())
	}
}

func TestElapsedTimesMoveOnceASecond(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.get(statusPath)
	b.clock.advance(900 * time.Millisecond)
	if w := b.get(statusPath); w.Body.String() != first.Body.String() {
		t.Error("rebuilt within a second")
	}
	b.clock.advance(200 * time.Millisecond)
	if w := b.get(statusPath); !strings.Contains(w.Body.String(), `"elapsed_time":31100`) {
		t.Errorf("got %s", w.Body)
	}
}

func TestStatusNotModified(t *testing.T) {
	t.Parallel()
	b := setup(t)
	etag := b.get(statusPath).Header().Get("Etag")
	for _, header := range []string{etag, `"x", ` + etag, strings.TrimPrefix(etag, "W/"), "*"} {
		w := b.get(statusPath, "If-None-Match", header)
		wantStatus(t, w, http.StatusNotModified)
		if w.Body.Len() > 0 || w.Header().Get("Etag") != etag {
			t.Errorf("If-None-Match %s: %v %s", header, w.Header(), w.Body)
		}
	}
	wantStatus(t, b.get(statusPath, "If-None-Match", `"other"`), http.StatusOK)
}

func TestStatusIsCompressedOnDemand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plain := b.get(statusPath)
	w := b.get(statusPath, "Accept-Encoding", "br, gzip;q=0.5")
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" {
		t.Fatalf("headers %v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || string(text) != plain.Body.String() {
		t.Errorf("differs from the plain form: %v", err)
	}
	if w := b.get(statusPath, "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed although refused")
	}
}

func TestReadsWaitForTheirWrite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(statusPath) // an older document is in the cache
	answer := make(chan *httptest.ResponseRecorder)
	go func() { answer <- b.get(statusPath, "Gozer-Min-Seq", "3") }()
	b.live.commit(scheduler.ItemFailing{Item: "i3"})
	if w := <-answer; w.Header().Get("Gozer-Seq") != "3" {
		t.Errorf("got seq %s", w.Header().Get("Gozer-Seq"))
	}
	wantStatus(t, b.get(statusPath, "Gozer-Min-Seq", "soon"), http.StatusBadRequest)
}

// bigStatus is a tenant with many items of five jobs.
func bigStatus(l *live, items int) {
	graph := &scheduler.JobGraph{}
	for j := range 5 {
		graph.Jobs = append(graph.Jobs, scheduler.FrozenJob{Name: scheduler.JobName(fmt.Sprintf("job-%d", j)), Voting: true, Attempts: 3})
	}
	var ahead scheduler.ItemID = "i3"
	for i := range items {
		id, set := scheduler.ItemID(fmt.Sprintf("item-%d", i)), scheduler.BuildsetID(fmt.Sprintf("set-%d", i))
		l.commit(
			scheduler.ItemEnqueued{Item: id, Queue: "q1", Pipeline: "gate", Refs: []scheduler.Ref{change(100+i, "org/app")}, Live: true, Ahead: ahead, Time: ago(time.Minute)},
			scheduler.PrepareRequested{Item: id, Buildset: set, Time: ago(time.Minute)},
			scheduler.ItemPrepared{Item: id, Buildset: set, InPipeline: true, Graph: graph, Time: ago(time.Minute)},
		)
		for j := range graph.Jobs {
			build := scheduler.BuildID(fmt.Sprintf("build-%d-%d", i, j))
			l.commit(
				scheduler.BuildRequested{Build: build, Item: id, Buildset: set, Job: graph.Jobs[j].Name, Attempt: 1, Time: ago(time.Minute)},
				scheduler.BuildStarted{Build: build, Time: ago(time.Minute)},
			)
		}
		ahead = id
	}
}

func TestManyReadersOfOneDocument(t *testing.T) {
	t.Parallel()
	b := setup(t)
	bigStatus(b.live, 50)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 10 {
				if w := b.get(statusPath); w.Code != http.StatusOK || !json.Valid(w.Body.Bytes()) {
					t.Errorf("got %d", w.Code)
				}
			}
		})
	}
	wg.Wait()
}

func TestRemainingTimeGrowsAlongAHead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n, job := range []scheduler.JobName{"test", "other", "test"} {
		id, set := scheduler.ItemID(fmt.Sprintf("r%d", n)), scheduler.BuildsetID(fmt.Sprintf("rs%d", n))
		var ahead scheduler.ItemID
		if n > 0 {
			ahead = scheduler.ItemID(fmt.Sprintf("r%d", n-1))
		}
		graph := &scheduler.JobGraph{Jobs: []scheduler.FrozenJob{{Name: job, Attempts: 1}}}
		build := scheduler.BuildID(fmt.Sprintf("rb%d", n))
		b.live.commit(
			scheduler.ItemEnqueued{Item: id, Queue: "q3", Pipeline: "gate", Refs: []scheduler.Ref{change(50+n, "org/app")}, Live: true, Ahead: ahead, Time: start},
			scheduler.PrepareRequested{Item: id, Buildset: set, Time: start},
			scheduler.ItemPrepared{Item: id, Buildset: set, InPipeline: true, Graph: graph, Time: start},
			scheduler.BuildRequested{Build: build, Item: id, Buildset: set, Job: job, Attempt: 1, Time: start},
			scheduler.BuildStarted{Build: build, Time: ago(time.Duration(30*(n+1)) * time.Second)},
		)
	}
	var doc struct {
		Pipelines []struct {
			ChangeQueues []struct {
				Name  string
				Heads [][]struct {
					RemainingTime *int64 `json:"remaining_time"`
				}
			} `json:"change_queues"`
		}
	}
	if err := json.Unmarshal(b.get(statusPath).Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	head := doc.Pipelines[1].ChangeQueues[1].Heads[0]
	// 60 s are left of the first; nothing is known of the second; the third
	// has nothing left itself, and what is ahead of it is not known.
	if *head[0].RemainingTime != 60_000 || head[1].RemainingTime != nil || *head[2].RemainingTime != 0 {
		t.Errorf("got %v %v %v", head[0].RemainingTime, head[1].RemainingTime, head[2].RemainingTime)
	}
}

// What the document has beyond Zuul's keys, and the counts that come from the
// commands which wait for the engine's next turn.
func TestStatusTellsResetsAndWaitingCommands(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live.commit(
		scheduler.BuildsetReset{Item: "i1", Buildset: "s1", Reason: "2,1 ahead of it did not merge", Time: start},
		scheduler.ItemEnqueued{Item: "i9", Queue: "q1", Pipeline: "gate", Refs: []scheduler.Ref{change(9, "org/app")}, Live: true, Cause: "comment-added", Time: start},
		scheduler.TriggerReceived{Trigger: scheduler.TriggerEvent{ID: "t1"}},
		scheduler.EnqueueReceived{Enqueue: scheduler.EnqueueRef{ID: "c1", Pipeline: "gate"}},
		scheduler.DequeueReceived{Dequeue: scheduler.DequeueRef{ID: "c2", Pipeline: "gate"}},
	)
	got := b.get(statusPath).Body.String()
	for _, want := range []string{
		`"resets":1`, `"cause":"comment-added"`, `"trigger_event_queue":{"length":2}`, `"management_event_queue":{"length":3}`,
		`"management_events":2`, `"connection_event_queues":{"local":{"length":2}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if n := strings.Count(got, `"resets"`); n != 1 {
		t.Errorf("%d items tell of resets, want 1", n)
	}
}

func TestWebsocketURLReachesStatus(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *web.Config, _ *web.Deps) { c.WebsocketURL = "wss://stream.example.com" })
	if w := b.get(statusPath); !strings.Contains(w.Body.String(), `?logfile=console.log&websocket_url=wss://stream.example.com"`) {
		t.Errorf("got %s", w.Body)
	}
}

// BenchmarkStatus renders, encodes and compresses 1,000 items of 5 jobs.
func BenchmarkStatus(b *testing.B) {
	l := newLive()
	bigStatus(l, 1000)
	s := benchServer(b, l)
	seq := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		seq++
		l.seq += seq // every request finds a new commit
		s.clock.advance(2 * time.Second)
		w := s.get(statusPath, "Accept-Encoding", "gzip")
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
		b.SetBytes(int64(w.Body.Len()))
	}
}

// BenchmarkStatusCached serves a document that is there.
func BenchmarkStatusCached(b *testing.B) {
	l := newLive()
	bigStatus(l, 1000)
	s := benchServer(b, l)
	b.ReportAllocs()
	for b.Loop() {
		s.get(statusPath, "Accept-Encoding", "gzip")
	}
}
