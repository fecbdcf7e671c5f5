package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/browsertest"
	"github.com/gozer-ci/gozer/internal/explain"
)

// gatedUntilGo waits for the branch go in the gate, and fails where a part
// says so.
func gatedUntilGo(s *server) string {
	return fmt.Sprintf(`[ "$ZUUL_PIPELINE" = gate ] || exit 0
until git ls-remote -q --exit-code %s/git/signals refs/heads/go >/dev/null 2>&1; do sleep 0.1; done
if grep -qs fail parts/*; then echo broken; exit 1; fi`, s.url)
}

func (s *server) explain(what, query string) (doc explain.Document) {
	s.t.Helper()
	s.get("/api/tenant/acme/explain/"+what+query, &doc)
	return doc
}

// says reports whether some sentence holds all parts.
func says(sentences []string, parts ...string) bool {
	return slices.ContainsFunc(sentences, func(s string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(s, p) })
	})
}

// A change is reset in the gate: it can be asked why, while it waits, when it
// has merged, about then from now, after the server was killed, and offline.
func TestExplain(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	alpha, beta := s.acme(gatedUntilGo(s))
	bad := alpha.change("Add a fault", files{"parts/bad": "fail\n"})
	good := beta.change("Add a part", files{"parts/good": "good\n"})
	s.awaitVerified(bad, 1)
	s.awaitVerified(good, 1)
	s.approve(bad)
	s.await("the first is in the gate", func() (bool, error) {
		items, err := s.items(t.Context(), "acme", "gate")
		return len(items) == 1, err
	})
	s.approve(good)
	s.awaitBuild("acme", "gate", "beta-test")

	what := fmt.Sprint(good)
	waiting := s.explain(what, "?pipeline=gate")
	if len(waiting.Items) != 1 || len(waiting.Items[0].Ahead) != 1 || !waiting.Items[0].Ahead[0].Base {
		t.Fatalf("while it waits: %+v", waiting)
	}
	if now := waiting.Items[0].Current; !says(now, "number 2 of 2 in pipeline gate", fmt.Sprintf("on top of %d,1 of alpha", bad)) || !says(now, "beta-test runs on executor") {
		t.Errorf("while it waits: %q", now)
	}
	then := "?at=" + url.QueryEscape(time.Now().UTC().Format(time.RFC3339Nano))
	s.askInTheBrowser(good)

	signal := s.found("signals", files{"README": "Jobs wait for branches of this project.\n"})
	signal.git("push", "-q", "origin", "main:go")
	s.awaitMerged(good)
	s.awaitVerified(bad, -2)
	s.await("the gate is empty", func() (bool, error) {
		items, err := s.items(t.Context(), "acme", "gate")
		return len(items) == 0, err
	})
	merged := s.explain(what, "")
	s.toldOfTheReset(merged, bad)
	if !says(merged.Current, "it left gate", "because it merged") {
		t.Errorf("it has merged: %q", merged.Current)
	}
	s.toldOfThen(what, then, good, bad)

	s.kill()
	if err := s.launch(); err != nil {
		t.Fatal(err)
	}
	s.awaitJobs("acme", "beta-test")
	again := s.explain(what, "")
	if fmt.Sprint(again.Timeline) != fmt.Sprint(merged.Timeline) {
		t.Errorf("after a kill it tells\n%v\nand before it told\n%v", again.Timeline, merged.Timeline)
	}
	s.toldOfThen(what, then, good, bad)
	text, err := s.gozer("explain", what) // the server has the data directory
	if err != nil || !strings.Contains(text, "alpha-test ended with FAILURE") {
		t.Errorf("gozer explain: %v\n%s", err, text)
	}
	if _, err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if text, err = s.gozer("explain", what); err != nil || !strings.Contains(text, "alpha-test ended with FAILURE") {
		t.Errorf("gozer explain, offline: %v\n%s", err, text)
	}
}

// toldOfTheReset looks for the job of the change ahead that was the reason.
func (s *server) toldOfTheReset(doc explain.Document, bad int) {
	s.t.Helper()
	if !slices.ContainsFunc(doc.Timeline, func(e explain.Entry) bool {
		return e.Event == "buildset.reset" && strings.Contains(e.Cause, fmt.Sprintf("%d,1 ahead of it", bad)) &&
			strings.Contains(e.Cause, "alpha-test ended with FAILURE")
	}) {
		s.t.Errorf("nothing says which job of which change reset it: %+v", doc.Timeline)
	}
}

// toldOfThen asks about the time when both were in the gate.
func (s *server) toldOfThen(what, then string, good, bad int) {
	s.t.Helper()
	doc := s.explain(what, then)
	if len(doc.Items) != 1 || !says(doc.Items[0].Current, "number 2 of 2 in pipeline gate") {
		s.t.Errorf("as of then: %+v", doc)
	}
	var status statusDoc
	s.get("/api/tenant/acme/status"+then, &status)
	gated := 0
	for _, p := range status.Pipelines {
		for _, q := range p.Queues {
			for _, head := range q.Heads {
				gated += len(head)
			}
		}
	}
	if gated != 2 {
		s.t.Errorf("the status of then has %d items, want 2", gated)
	}
	for id, want := range map[int]int{good: 1, bad: 1, 99: 0} {
		var items []itemDoc
		s.get(fmt.Sprintf("/api/tenant/acme/status/change/%d,1%s", id, then), &items)
		if len(items) != want {
			s.t.Errorf("change %d of then has %d items", id, len(items))
		}
	}
	for at, says := range map[string]string{"1": "began later", "2222-01-01T00:00:00Z": "in the future", "then": "no time"} {
		err := s.call(s.t.Context(), "", "GET", "/api/tenant/acme/status?at="+at, nil, nil)
		if r, ok := err.(*refusal); !ok || r.status != 400 || !strings.Contains(r.body, says) { //nolint:errorlint // call returns it unwrapped
			s.t.Errorf("at=%s: %v", at, err)
		}
	}
}

// askInTheBrowser opens the answer in the card of the change.
func (s *server) askInTheBrowser(good int) {
	p := browsertest.Open(s.t, s.url, "/t/acme/status", ".pipeline[aria-label='Pipeline gate'] .item:nth-child(2)", phone.Set())
	if p == nil {
		return
	}
	const item = ".pipeline[aria-label='Pipeline gate'] .item:nth-child(2) "
	p.Until(browsertest.Has(item+".item-id", fmt.Sprintf("%d,1", good)))
	p.Click(item + ".item-ask")
	p.Until(browsertest.Has(item+".item-answer", "It is number 2 of 2 in pipeline gate") + "&&" + browsertest.Has(item+".why-ahead", "alpha"))
	narrow(p)
	p.Click(item + ".item-answer a[href*='/explain/']")
	p.Until(browsertest.Has(".section-title", "What happened") + "&&" + browsertest.Has(".story-line", "entered gate behind"))
	narrow(p)
}
