package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/browsertest"
)

// What the server decides shows up on the open page by itself: the same
// elements change, and the page stays scrolled where it was.
func TestStatusFollowsTheServer(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	p := open(t, f, "/t/acme/status", ".recent-row", browsertest.Screens[2].Set())
	if p == nil {
		return
	}
	p.Until(`document.querySelector('.live').dataset.state === 'live'`)
	browsertest.Eval[bool](p, "(document.querySelector('.item-id').focus(), true)")
	p.Remember(".pipeline[aria-label='Pipeline gate'] .item")
	browsertest.Eval[bool](p, "(scrollTo(0, 300), true)")
	before := browsertest.Eval[int](p, "scrollY")

	f.update(func() {
		f.pipelines[1]["change_queues"].([]doc)[0]["heads"].([][]doc)[0][0]["jobs"].([]doc)[1] = job("unit-tests", "TIMED_OUT")
	})
	p.Until(browsertest.Has(".job-note", "Timed out"))
	p.StillThere()
	if !browsertest.Eval[bool](p, "document.activeElement.matches('.item-id')") {
		t.Error("the focus was lost")
	}
	if after := browsertest.Eval[int](p, "scrollY"); after != before || before == 0 {
		t.Errorf("scrolled to %d, was at %d", after, before)
	}

	f.update(func() {
		f.pipelines[1]["change_queues"].([]doc)[0]["heads"].([][]doc)[0][2]["resets"] = 2
	})
	p.Until(browsertest.Has(".item-reset", "Started over 2 times"))

	f.update(func() { f.pipelines = busyPipelines()[:1] })
	p.Until(`!document.querySelector(".pipeline[aria-label='Pipeline gate']")`)
	f.update(func() { f.pipelines = []doc{pipeline("check", "independent"), pipeline("gate", "dependent")} })
	p.Until(browsertest.Has(".empty h2", "Nothing is waiting"))
	p.Until(browsertest.Has(".howto pre", "refs/for/"))
	p.Picture("status-idle")
	f.update(func() { f.pipelines = busyPipelines() })
	p.Wait(".item")
	if browsertest.Eval[bool](p, "document.querySelector('.empty') !== null") {
		t.Error("the empty state stayed beside items")
	}
}

// Where the event stream does not work the page asks again by itself.
func TestStatusPollsWithoutEvents(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.noEvents = true
	p := open(t, f, "/t/acme/status", ".item")
	if p == nil {
		return
	}
	p.Until(`document.querySelector('.live').dataset.state === 'polling'`)
	p.Remember(".pipeline .item")
	f.update(func() {
		f.pipelines[0]["change_queues"].([]doc)[0]["heads"].([][]doc)[0][0]["refs"].([]doc)[0]["owner"] = "hopper"
	})
	p.Until(browsertest.Has(".item-owner", "hopper"))
	p.StillThere()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noted["304"] == 0 && f.noted["/api/tenant/acme/status"] > 3 {
		t.Error("the status was transferred again although it had not changed")
	}
}

// Where nobody can sign in, nothing offers it.
func TestNoLoginWithoutRealms(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.realms = doc{}
	p := open(t, f, "/t/acme/change/12", ".diff-line")
	if p == nil {
		return
	}
	p.Until("document.querySelector('.no-login') && !document.querySelector('.user').checkVisibility() && !document.querySelector('.sign-in').checkVisibility()")
}

// The filter narrows the page, stays in the address, and is undone by Escape.
func TestStatusFilter(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/status", ".item")
	if p == nil {
		return
	}
	p.Write(".filter", "owner:margaret")
	p.Until("document.querySelectorAll('.item').length === 1")
	if got := browsertest.Eval[string](p, "location.search"); got != "?q=owner%3Amargaret" {
		t.Errorf("the address has %q", got)
	}
	p.Write(".filter", "x")
	p.Until(browsertest.Has(".empty h2", "No item matches"))
	p.Write(".filter", "\x1b")
	p.Until("document.querySelectorAll('.item').length === 8 && location.search === ''")
}

// The shape of the gate: the failing item stands beside the line that joins
// the items around it, and the sentences say why each waits.
func TestStatusExplains(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/status", ".item")
	if p == nil {
		return
	}
	lanes := browsertest.Eval[string](p, `[...document.querySelectorAll(".pipeline[aria-label='Pipeline gate'] .item")].map(e => e.dataset.lane + (e.dataset.pass === undefined ? '' : 'p')).join(' ')`)
	if lanes != "0 1p 0 0 0" {
		t.Errorf("lanes %q", lanes)
	}
	for _, want := range []string{"A job failed. The items behind it go on without it", "Outside the window of 4", "Being prepared"} {
		if !browsertest.Eval[bool](p, browsertest.Has(".item-why", want)) {
			t.Errorf("no item says %q", want)
		}
	}
	for _, want := range []string{"after build", "semaphore staging", "waits for nodes", "waits for an executor", "1 min left"} {
		if !browsertest.Eval[bool](p, browsertest.Has(".job-note", want)) {
			t.Errorf("no job says %q", want)
		}
	}
}

// A queue of a thousand items stays small to update.
func TestStatusWithManyItems(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	items := []doc{}
	for i := range 1000 {
		var ahead any
		if i > 0 {
			ahead = fmt.Sprint("m", i-1)
		}
		items = append(items, item(fmt.Sprint("m", i), ahead, []doc{ref(fmt.Sprintf("%d,1", 1000+i), "org/app", "ada")},
			[]doc{job("build", "SUCCESS"), job("unit-tests", "running:10/100"), job("docs", "waiting:dependencies: build")}))
	}
	f.pipelines = []doc{pipeline("gate", "dependent", queue("big", 0, items))}
	p := open(t, f, "/t/acme/status", ".item")
	if p == nil {
		return
	}
	p.Until("document.querySelectorAll('.item').length === 1000")
	browsertest.Eval[bool](p, `(window.changes = 0, new MutationObserver(l => window.changes += l.length).observe(document.querySelector('.board'), {subtree: true, childList: true, characterData: true}), true)`)
	f.update(func() { items[500]["jobs"].([]doc)[1] = job("unit-tests", "FAILURE") })
	p.Until(browsertest.Has(".item:nth-child(501) .job-note", "Failure"))
	// Clocks of running jobs move too; what did not change must not.
	if n := browsertest.Eval[int](p, "window.changes"); n > 4000 {
		t.Errorf("%d changes of the page for one job", n)
	}
	t.Logf("first contentful paint after %s ms", browsertest.Eval[string](p, "performance.getEntriesByName('first-contentful-paint')[0]?.startTime.toFixed(0) ?? '?'"))
}

// With one tenant the start page is its status, with two a choice.
func TestStartPage(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/", ".item")
	if p == nil {
		return
	}
	if at := browsertest.Eval[string](p, "location.pathname"); at != "/t/acme/status" {
		t.Errorf("at %s", at)
	}
	two := newFake(t)
	two.tenants = []string{"acme", "umbrella"}
	p = open(t, two, "/", ".tenant")
	p.Click(".tenant:nth-child(2) .tenant-name")
	p.Until(`location.pathname === '/t/umbrella/status'`)
	p.Do(back)
	p.Wait(".tenant")
}

// A link as git push prints it leads to the change in its tenant.
func TestChangeLink(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/change/12", ".diff-line")
	if p == nil {
		return
	}
	if at := browsertest.Eval[string](p, "location.pathname"); at != "/t/acme/change/12" {
		t.Errorf("at %s", at)
	}
}

// Text of others is text: it is never read as HTML.
func TestNothingIsInjected(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const evil = `<img src=x onerror="window.hacked=1"><b>bold</b>`
	f.change["subject"], f.change["message"] = evil, evil+"\n\n"+evil
	f.change["comments"] = []doc{{"author": evil, "message": evil + " javascript:alert(1)", "votes": []doc{}, "patchset": 1, "created": stamp(0)}}
	f.diff = strings.ReplaceAll(fakeDiff, "for {", evil)
	f.pipelines[1]["change_queues"].([]doc)[0]["heads"].([][]doc)[0][0]["refs"].([]doc)[0]["owner"] = evil
	p := open(t, f, "/t/acme/change/12,3", ".diff-line")
	if p == nil {
		return
	}
	if browsertest.Eval[bool](p, "window.hacked === 1 || document.querySelector('main img, main b') !== null") {
		t.Error("text became HTML")
	}
	if !browsertest.Eval[bool](p, "document.querySelector('h1').textContent.startsWith('<img')") {
		t.Error("the subject isn't shown as it is")
	}
}
