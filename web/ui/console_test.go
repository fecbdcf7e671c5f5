package ui

import (
	"testing"

	"github.com/gozer-ci/gozer/internal/browsertest"
)

// The console of a running build grows by itself and ends with the build.
func TestConsoleStreams(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	p := open(t, f, "/t/acme/build/"+runningBuild, ".console-row")
	if p == nil {
		return
	}
	p.Remember(".console-row")
	f.update(func() { f.console.WriteString("half a li") })
	p.Until(browsertest.Has(".console-row", "half a li"))
	f.update(func() {
		f.console.WriteString("ne\n\x1b[31mred\x1b[0m <i>not html</i>\n10%\r50%\r100% done\n")
	})
	p.Until(browsertest.Has(".console-row", "half a line"))
	p.Until(browsertest.Has(".console-row .ansi-fg-1", "red"))
	p.Until(browsertest.Has(".console-row", "<i>not html</i>"))
	if got := browsertest.Eval[string](p, "document.querySelector('.console-row[data-line=\"4\"] .console-text').textContent"); got != "100% done" {
		t.Errorf("a line that was written over shows %q", got)
	}
	for range 200 {
		f.console.WriteString("more\n")
	}
	f.update(func() { f.console.WriteString("the last line\n") })
	p.Until(browsertest.Has(".console-row", "the last line")) // it follows, so the end is drawn
	stillThere2 := "window.mark === 1"
	f.update(func() {
		f.ended = true
		for _, b := range f.builds {
			if b["uuid"] == runningBuild {
				b["result"], b["end_time"], b["duration"], b["log_url"] = "SUCCESS", stamp(0), 421.0, "/logs/"+runningBuild+"/"
			}
		}
	})
	p.Until(browsertest.Has(".title-row .badge", "Success"))
	p.Until(browsertest.Has(".console-state", "206 lines"))
	p.Wait(".file")
	if !browsertest.Eval[bool](p, stillThere2) {
		t.Error("the page was loaded anew")
	}
	if n := f.requests("/logs/" + runningBuild + "/job-output.txt"); n != 0 {
		t.Errorf("the whole log was loaded again %d times", n)
	}
}

// A finished console shows its first error, jumps to it, and gives lines an
// address.
func TestConsoleOfFailedBuild(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/build/"+failedBuild, ".first-error")
	if p == nil {
		return
	}
	if got := browsertest.Eval[string](p, "document.querySelector('.first-error-line').textContent"); got != "line 184" {
		t.Errorf("the first error is at %s", got)
	}
	p.Click(".first-error")
	p.Until(`document.querySelector('.console-row.marked[data-line="183"]')`)
	p.Click(`.console-row[data-line="182"] .console-no`)
	p.Until("location.hash === '#L183'")
	p.Write(".console-tools input", "case_17")
	p.Until(browsertest.Has(".console-found", "1 of 10"))
	p.Write(".console-tools input", "\r")
	p.Until(browsertest.Has(".console-found", "2 of 10"))
	p.Until(browsertest.Has(".console-row.current mark", "case_17"))
	p.Picture("build-search")
}

// Half a million lines: the page draws only what is seen, and a link to the
// last line shows it.
func TestConsoleOfHalfAMillionLines(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/build/"+hugeBuild+"#L500000", `.console-row[data-line="499999"]`)
	if p == nil {
		return
	}
	if n := browsertest.Eval[int](p, "document.querySelectorAll('.console-row').length"); n > 150 {
		t.Errorf("%d rows exist", n)
	}
	p.Write(".console-tools input", "console")
	p.Until(browsertest.Has(".console-found", "1 of 500000"))
	p.Until(`document.querySelector('.console-row.current[data-line="0"]')`)
}
