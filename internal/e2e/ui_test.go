package e2e

import (
	"fmt"
	"testing"

	"github.com/gozer-ci/gozer/internal/browsertest"
)

// waiting is a job script that prints, waits for the branch go of the project
// signals, and prints again: what happens in the browser decides how long it
// takes.
func waiting(s *server) string {
	return fmt.Sprintf(`echo waiting in $ZUUL_PIPELINE
until git ls-remote -q --exit-code %s/git/signals refs/heads/go >/dev/null 2>&1; do sleep 0.1; done
echo released in $ZUUL_PIPELINE`, s.url)
}

// Somebody pushes a change, signs in, approves it in the page and watches it
// merge: nothing is ever loaded anew, and a second window follows.
func TestApproveInTheBrowser(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	alpha, _ := s.acme(waiting(s))
	watcher := browsertest.Open(t, s.url, "/", ".empty h2", browsertest.Screens[0].Set())
	if watcher == nil {
		return
	}
	watcher.Until("location.pathname === '/t/acme/status' && " + browsertest.Has(".empty h2", "Nothing is waiting"))
	watcher.Remember("main")
	n := alpha.change("Change this in the browser", files{"README": "seen\n"})
	watcher.Until(browsertest.Has(".pipeline[aria-label='Pipeline check'] .item-id", fmt.Sprintf("%d,1", n)))

	p := browsertest.Open(t, s.url, fmt.Sprintf("/change/%d", n), ".diff-line", phone.Set())
	p.Remember("main")
	s.signInAndApprove(p)
	const gated = ".pipeline[aria-label='Pipeline gate'] "
	p.Wait(gated + ".item")
	narrow(p)
	watcher.Wait(gated + ".item")
	p.Click(gated + ".job-name[href]")
	p.Until(browsertest.Has(".console-row", "waiting in gate"))
	p.Until(browsertest.Has(".title-row .badge", "Running"))
	narrow(p)

	signal := s.found("signals", files{"README": "Jobs wait for branches of this project.\n"})
	signal.git("push", "-q", "origin", "main:go")
	p.Until(browsertest.Has(".console-row", "released in gate"))
	p.Until(browsertest.Has(".title-row .badge", "Success"))
	p.Wait(".file")
	p.Click(".facts a")
	p.Until(browsertest.Has(".title-row .badge", "Merged"))
	p.Until(browsertest.Has(".story-text", "Merged into main"))
	narrow(p)
	p.StillThere()
	s.awaitMerged(n)
	watcher.Until(browsertest.Has(".recent-row", fmt.Sprintf("%d,1", n)))
	watcher.Until("!document.querySelector(\"" + gated + "\")")
	watcher.StillThere()
}

var phone = browsertest.Screens[2]

// signInAndApprove pastes a token and presses the button.
func (s *server) signInAndApprove(p *browsertest.Tab) {
	s.t.Helper()
	p.Click(".user")
	p.Write(".dialog textarea", s.admin.token)
	p.Click(".dialog .primary")
	p.Until(browsertest.Has(".user-name", s.admin.name))
	p.Click(".actions .primary")
	p.Click(".dialog .primary")
	p.Until(browsertest.Has(".note", "Approved"))
}

// narrow fails the test if the page scrolls sideways.
func narrow(p *browsertest.Tab) {
	p.T.Helper()
	if wide := p.Sideways(); wide != "" {
		p.T.Errorf("the page scrolls sideways because of: %s", wide)
	}
}

// pageBytes is what a browser loads for the first page.
const pageBytes = "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((n, e) => n + e.transferSize, 0)"

// The first page comes small and, with an idle server, at once.
func TestFirstPageIsSmall(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	s.acme("true")
	p := browsertest.Open(t, s.url, "/t/acme/status", ".empty h2")
	if p == nil {
		return
	}
	if n := browsertest.Eval[int](p, pageBytes); n == 0 || n > 300_000 {
		t.Errorf("the first page takes %d bytes", n)
	}
	t.Logf("%d bytes, first paint after %d ms", browsertest.Eval[int](p, pageBytes),
		browsertest.Eval[int](p, "Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0)"))
}
