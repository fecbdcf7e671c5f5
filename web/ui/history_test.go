package ui

import (
	"testing"

	"github.com/gozer-ci/gozer/internal/browsertest"
)

// A buildset that another one replaced says so and why, in every list; among
// what finished recently it has no place.
func TestStartedOver(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	set := f.buildsets[1]
	set["result"], set["message"] = "DEQUEUED", "Started over: 11,1 ahead of it can't succeed"
	p := open(t, f, "/t/acme/change/12,3", ".tested-why")
	if p == nil {
		return
	}
	p.Until(browsertest.Has(".tested-why", "11,1 ahead of it can't succeed."))
	p.Until(browsertest.Has(".tested-head .badge", "Started over"))
	p = open(t, f, "/t/acme/buildset/"+set["uuid"].(string), ".callout")
	p.Until(browsertest.Has(".title-row .badge", "Started over"))
	p.Until(browsertest.Has(".callout.calm", "tested again in another buildset"))
	p = open(t, f, "/t/acme/buildsets", ".table tbody tr")
	p.Until(browsertest.Has(".col-result .badge[title]", "Started over"))
	p = open(t, f, "/t/acme/status", ".recent-row")
	if browsertest.Eval[bool](p, browsertest.Has(".recent-row", "Started over")+"||"+browsertest.Has(".recent-row", "Dequeued")) {
		t.Error("a replaced buildset is told as something that finished")
	}
}

// A build that waits says for what, and its console begins by itself.
func TestBuildWaitsForItsStart(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	build := byID(f.builds, runningBuild)
	build["start_time"] = nil
	p := open(t, f, "/t/acme/build/"+runningBuild, ".console-note")
	if p == nil {
		return
	}
	p.Until(browsertest.Has(".title-row .badge", "Waiting") + "&&" + browsertest.Has(".console-note", "waits for an executor"))
	p.Until("document.querySelector('.live').dataset.state === 'live'")
	p.Remember(".console")
	f.update(func() { build["start_time"] = stamp(0) })
	p.Wait(".console-row")
	p.Until(browsertest.Has(".title-row .badge", "Running") + " && !document.querySelector('.console-note').checkVisibility()")
	p.StillThere()
}

// The list of builds follows the server: rows change in their place and new
// ones come on top.
func TestListStaysFresh(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	p := open(t, f, "/t/acme/builds", ".table tbody tr")
	if p == nil {
		return
	}
	p.Until("document.querySelector('.live').dataset.state === 'live'")
	row := "a[href='/t/acme/build/" + runningBuild + "']"
	p.Remember(row)
	f.update(func() {
		build := byID(f.builds, runningBuild)
		build["result"], build["end_time"], build["duration"] = "SUCCESS", stamp(0), 61.0
		fresh := doc{}
		for k, v := range build {
			fresh[k] = v
		}
		fresh["uuid"], fresh["_id"], fresh["result"], fresh["job_name"] = "00000000000000000000000000fresh1", 9999, nil, "brand-new"
		f.builds = append([]doc{fresh}, f.builds...)
	})
	p.Until(browsertest.Has("tbody tr:first-child", "brand-new"))
	p.Until("document.querySelector(\"" + row + "\").closest('tr').textContent.includes('Success')")
	p.StillThere()
	if n := browsertest.Eval[int](p, "document.querySelectorAll('tbody tr').length"); n != 50 {
		t.Errorf("%d rows, want 50", n)
	}
}

// Everything on the way from the status to a console can be reached and
// pressed with the keyboard, and is announced by a name.
func TestKeyboardReachesTheConsole(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/status", ".item-subject:not([hidden])")
	if p == nil {
		return
	}
	const gate = ".pipeline[aria-label='Pipeline gate'] "
	p.Tab(gate + ".item-id[href$='/change/12,3']")
	p.Key("\r")
	p.Wait(".diff-line")
	if got := browsertest.Eval[string](p, "document.activeElement.id"); got != "main" {
		t.Errorf("after the change of the page %q has the focus", got)
	}
	p.Tab(gate + ".job-name[href='/t/acme/build/" + runningBuild + "']")
	p.Key("\r")
	p.Wait(".console-row")
	p.Tab(".console-tools input")
	p.Tab(".console")
	if got := browsertest.Eval[string](p, "document.activeElement.getAttribute('aria-label')"); got != "Console output" {
		t.Errorf("the console is called %q", got)
	}
	p.Key("e") // to the first error; without one nothing happens
	p.Key("f")
	p.Until("document.querySelector('.console-tools [aria-pressed]').getAttribute('aria-pressed') === 'false'")
}
