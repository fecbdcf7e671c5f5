// Package browsertest drives a real browser for the tests of pages. A Tab notes
// everything that a page must not do: messages in the console, violations of
// its policy, requests to other servers.
package browsertest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "directory that gets a picture of every page")

// patience bounds every wait for a condition; only a failing test uses it up.
const patience = 30 * time.Second

// start starts one browser for all tests.
var start = sync.OnceValues(func() (context.Context, error) {
	path, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ui-browser-")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(dir), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-crash-reporter", true))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(alloc)
	stop = func() {
		stop()
		stopAlloc()
		_ = os.RemoveAll(dir)
	}
	return ctx, chromedp.Do(ctx, chromedp.Navigate("about:blank"))
})

var stop = func() {}

// Main runs the tests of a package and ends the browser that they share; it
// returns the status to exit with.
func Main(m *testing.M) int {
	flag.Parse()
	defer func() { stop() }()
	return m.Run()
}

var errNoBrowser = errors.New("no Chromium found; install it with: apt-get install -y chromium")

func find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoBrowser
}

// absent is the one guard of the browser tests: where no browser is
// installed they pass with a note, but in CI they fail.
func absent(t *testing.T, err error) bool {
	t.Helper()
	if err == nil {
		return false
	}
	if !errors.Is(err, errNoBrowser) || os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Log("not tested: ", err)
	return true
}

// Tab is a page in the browser that notes everything that must not happen.
type Tab struct {
	T    *testing.T
	ctx  context.Context
	host string
	mu   sync.Mutex
	bad  []string // guarded by mu
}

// Open loads path of the server at address in a new tab and waits for the
// element sel. It returns nil where there is no browser.
func Open(t *testing.T, address, path, sel string, before ...Step) *Tab {
	t.Helper()
	browser, err := start()
	if absent(t, err) {
		return nil
	}
	ctx, stop := chromedp.NewContext(browser)
	t.Cleanup(stop)
	host, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &Tab{T: t, ctx: ctx, host: host.Host}
	if err := chromedp.Listen(ctx, p.note); err != nil {
		t.Fatal(err)
	}
	p.Do(append(before, chromedp.Navigate(address+path))...)
	p.Wait(sel)
	t.Cleanup(func() {
		if bad := p.problems(); len(bad) > 0 {
			t.Errorf("%s: the page did what it must not:\n%s", path, strings.Join(bad, "\n"))
		}
	})
	return p
}

func (p *Tab) note(event any) {
	var what string
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeError && e.Type != runtime.ConsoleAPICalledTypeWarning {
			return
		}
		for _, a := range e.Args {
			what += string(a.Value) + a.Description
		}
	case *runtime.EventExceptionThrown:
		what = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			what += " " + e.ExceptionDetails.Exception.Description
		}
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelError {
			return
		}
		what = e.Entry.Text + " " + e.Entry.URL
	case *network.EventRequestWillBeSent:
		at, err := url.Parse(e.Request.URL)
		if err == nil && (at.Host == p.host || at.Scheme == "about") {
			return
		}
		what = "external request to " + e.Request.URL
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bad = append(p.bad, what)
}

func (p *Tab) problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bad
}

// Step is one action in the browser.
type Step = chromedp.Action[chromedp.Void]

// Do runs actions, or fails the test.
func (p *Tab) Do(steps ...Step) {
	p.T.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.T.Fatalf("in the browser: %v; seen: %v", err, p.problems())
	}
}

// Wait waits for a visible element.
func (p *Tab) Wait(sel string) {
	p.T.Helper()
	p.Until(fmt.Sprintf("document.querySelector(%q)?.checkVisibility()", sel))
}

// Until waits until the JavaScript expression is true.
func (p *Tab) Until(expression string) {
	p.T.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	look := fmt.Sprintf("new Promise(done => { const look = () => (%s) ? done(true) : setTimeout(look, 20); look(); })", expression)
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](look, chromedp.EvalAwaitPromise)); err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 2000)"))
		p.T.Fatalf("%s did not become true: %v; seen: %v; page:\n%s", expression, err, p.problems(), text)
	}
}

// Eval returns the value of an expression.
func Eval[T any](p *Tab, expression string) T {
	p.T.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.T.Fatalf("%s: %v; seen: %v", expression, err, p.problems())
	}
	return value
}

// Click presses an element.
func (p *Tab) Click(sel string) {
	p.T.Helper()
	p.Wait(sel)
	p.Do(chromedp.Click(chromedp.CSS(sel)))
}

// Write types text into an element.
func (p *Tab) Write(sel, text string) {
	p.T.Helper()
	p.Wait(sel)
	p.Do(chromedp.SendKeys(chromedp.CSS(sel), text))
}

// Key presses a key for what has the focus.
func (p *Tab) Key(key string) {
	p.T.Helper()
	p.Do(chromedp.KeyEvent(key))
}

// farthest is how many presses of the tab key a page may take to an element.
const farthest = 200

// Tab goes on with the tab key until an element of sel has the focus.
func (p *Tab) Tab(sel string) {
	p.T.Helper()
	p.Wait(sel)
	for range farthest {
		p.Key("\t")
		if Eval[bool](p, fmt.Sprintf("document.activeElement.matches(%q)", sel)) {
			return
		}
	}
	p.T.Fatalf("the tab key does not reach %s", sel)
}

// Picture stores what is seen, if asked for.
func (p *Tab) Picture(name string) {
	p.T.Helper()
	if *shots == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.T.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644); err != nil {
		p.T.Fatal(err)
	}
}

// Screen is a size and a colour scheme.
type Screen struct {
	Name          string
	Width, Height int64  // in pixels of style sheets
	Scheme        string // light or dark
}

// Screens are what pages must look right on.
var Screens = []Screen{
	{"desktop-light", 1440, 900, "light"},
	{"desktop-dark", 1440, 900, "dark"},
	{"phone-light", 390, 844, "light"},
	{"phone-dark", 390, 844, "dark"},
	{"narrow", 360, 740, "light"},
}

// Set makes a tab that screen.
func (s Screen) Set() Step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.Scheme}}}
		if _, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, media); err != nil {
			return fmt.Errorf("set scheme: %w", err)
		}
		_, err := chromedp.EmulateViewport(s.Width, s.Height)(ctx, t)
		return err
	})
}
