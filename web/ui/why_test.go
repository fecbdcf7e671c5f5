package ui

import (
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/browsertest"
)

// fakeExplanation is that of an item behind a failing one.
func fakeExplanation(what, at string) any {
	if what == "99" {
		return nil
	}
	entry := func(seq int, ago time.Duration, event, text, cause string) doc {
		return doc{"seq": seq, "time": exact(ago), "event": event, "text": text, "cause": cause, "item": "i3", "pipeline": "gate", "buildset": "", "build": ""}
	}
	ref := func(id, project string) []doc {
		return []doc{{"project": project, "ref": "refs/changes/1", "id": id, "url": ""}}
	}
	if at == "" {
		at = exact(0)
	}
	return doc{
		"tenant": "acme", "kind": "change", "what": what, "seq": 77, "at": at, "omitted": 3, "notes": []string{}, "current": []string{},
		"items": []doc{{
			"id": "i3", "pipeline": "gate", "queue": "integrated", "title": "15,2 of org/app", "refs": ref("15,2", "org/app"), "live": true, "position": 3,
			"current": []string{
				"It is number 3 of 5 in pipeline gate, queue integrated, tested on top of 12,3 of org/app, since 2026-11-20 12:00:00 UTC, reset once.",
				"build runs on executor vm since 2026-11-20 12:01:00 UTC.", "unit-tests waits for build, which it depends on.",
				"integration-tests waits for semaphore staging, held by integration-tests of 12,3 of org/app in gate.",
			},
			"ahead": []doc{
				{"id": "i2", "title": "14,1 of org/lib", "refs": ref("14,1", "org/lib"), "live": true, "position": 2, "base": false, "state": "can't succeed: unit-tests ended with FAILURE"},
				{"id": "i1", "title": "12,3 of org/app", "refs": ref("12,3", "org/app"), "live": true, "position": 1, "base": true, "state": "2 of 4 jobs done, 2 running"},
			},
			"ahead_total": 2,
		}},
		"timeline": []doc{
			entry(60, 4*time.Minute, "item.enqueued", "15,2 of org/app entered gate behind 14,1 of org/lib", "event comment-added"),
			entry(64, 3*time.Minute, "buildset.reset", "It was reset: its buildset is thrown away, build cancelled", "14,1 ahead of it can't succeed: unit-tests ended with FAILURE"),
			entry(70, time.Minute, "build.started", "build runs on executor vm", ""),
		},
	}
}

// The question stands at every item; the answer opens in its card, follows
// the server, and leads to the whole story.
func TestWhyOfAnItem(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	p := open(t, f, "/t/acme/status", ".item-subject:not([hidden])")
	if p == nil {
		return
	}
	const gate = ".pipeline[aria-label='Pipeline gate'] .item:nth-child(3) "
	p.Tab(gate + ".item-ask")
	p.Key("\r")
	p.Until(browsertest.Has(gate+".item-answer", "waits for semaphore staging, held by integration-tests of 12,3"))
	p.Until(browsertest.Has(gate+".why-ahead", "can't succeed: unit-tests ended with FAILURE"))
	p.Picture("status-why")
	asked := f.requests("/api/tenant/acme/explain/i3")
	p.Until("document.querySelector('.live').dataset.state === 'live'")
	f.update(func() {
		f.pipelines[1]["change_queues"].([]doc)[0]["heads"].([][]doc)[0][2]["resets"] = 2
	})
	p.Until(browsertest.Has(".item-reset", "Started over 2 times"))
	p.Until(browsertest.Has(gate+".item-answer", "waits for semaphore"))
	if again := f.requests("/api/tenant/acme/explain/i3"); again != asked+1 {
		t.Errorf("asked %d times after a change of the item, %d before", again, asked)
	}
	p.Tab(gate + ".item-answer a[href='/t/acme/explain/i3']")
	p.Key("\r")
	p.Until("location.pathname === '/t/acme/explain/i3' && " + browsertest.Has(".story-line", "because: 14,1 ahead of it can't succeed"))
}

// Of a buildset the page tells the same.
func TestWhyOfABuildset(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/buildset/"+failedSet, ".why-now")
	if p == nil {
		return
	}
	p.Until(browsertest.Has(".section-title", "Why") + "&&" + browsertest.Has(".why-now", "waits for semaphore staging"))
	p.Tab(".why-more summary")
	p.Key("\r")
	p.Until("document.querySelector('.why-more .story-line').checkVisibility()")
}

// A time can be chosen, and one that has no answer says so.
func TestWhyAtAnEarlierTime(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/explain/15,2", ".story-line")
	if p == nil {
		return
	}
	browsertest.Eval[bool](p, "(document.querySelector('.why-when input').value = '2026-11-20 11:30:00', document.querySelector('.why-when button').click(), true)")
	p.Until("location.search.startsWith('?at=2026-11-20T') && " + browsertest.Has(".why-when", "As of"))
}
