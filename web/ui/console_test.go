package ui

import (
	"testing"
)

// The console of a running build grows by itself and ends with the build.
func TestConsoleStreams(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	p := open(t, f, "/t/acme/build/"+runningBuild, ".console-row")
	if p == nil {
		return
	}
	remember(p, ".console-row")
	f.update(func() { f.console.WriteString("half a li") })
	p.until(has(".console-row", "half a li"))
	f.update(func() {
		f.console.WriteString("ne\n\x1b[31mred\x1b[0m <i>not html</i>\n10%\r50%\r100% done\n")
	})
	p.until(has(".console-row", "half a line"))
	p.until(has(".console-row .ansi-fg-1", "red"))
	p.until(has(".console-row", "<i>not html</i>"))
	if got := eval[string](p, "document.querySelector('.console-row[data-line=\"4\"] .console-text').textContent"); got != "100% done" {
		t.Errorf("a line that was written over shows %q", got)
	}
	for range 200 {
		f.console.WriteString("more\n")
	}
	f.update(func() { f.console.WriteString("the last line\n") })
	p.until(has(".console-row", "the last line")) // it follows, so the end is drawn
	stillThere2 := "window.mark === 1"
	f.update(func() {
		f.ended = true
		for _, b := range f.builds {
			if b["uuid"] == runningBuild {
				b["result"], b["end_time"], b["duration"], b["log_url"] = "SUCCESS", stamp(0), 421.0, "/logs/"+runningBuild+"/"
			}
		}
	})
	p.until(has(".title-row .badge", "Success"))
	p.until(has(".console-state", "206 lines"))
	p.wait(".file")
	if !eval[bool](p, stillThere2) {
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
	if got := eval[string](p, "document.querySelector('.first-error-line').textContent"); got != "line 184" {
		t.Errorf("the first error is at %s", got)
	}
	p.click(".first-error")
	p.until(`document.querySelector('.console-row.marked[data-line="183"]')`)
	p.click(`.console-row[data-line="182"] .console-no`)
	p.until("location.hash === '#L183'")
	p.write(".console-tools input", "case_17")
	p.until(has(".console-found", "1 of 10"))
	p.write(".console-tools input", "\r")
	p.until(has(".console-found", "2 of 10"))
	p.until(has(".console-row.current mark", "case_17"))
	p.picture("build-search")
}

// Half a million lines: the page draws only what is seen, and a link to the
// last line shows it.
func TestConsoleOfHalfAMillionLines(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/build/"+hugeBuild+"#L500000", `.console-row[data-line="499999"]`)
	if p == nil {
		return
	}
	if n := eval[int](p, "document.querySelectorAll('.console-row').length"); n > 150 {
		t.Errorf("%d rows exist", n)
	}
	p.write(".console-tools input", "console")
	p.until(has(".console-found", "1 of 500000"))
	p.until(`document.querySelector('.console-row.current[data-line="0"]')`)
}
