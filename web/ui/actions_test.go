package ui

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
	"github.com/gozer-ci/gozer/internal/browsertest"
)

var back browsertest.Step = chromedp.NavigateBack()

// sampleToken has the form of a token; the fake accepts any.
func sampleToken(expires time.Time) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256"}`)) + "." + part(fmt.Appendf(nil, `{"sub":"ada","exp":%d}`, expires.Unix())) + ".c2lnbmF0dXJl"
}

func signIn(p *browsertest.Tab) string {
	p.T.Helper()
	token := sampleToken(time.Now().Add(time.Hour))
	p.Click(".user")
	p.Write(".dialog textarea", token)
	p.Click(".dialog .primary")
	p.Until("!document.querySelector('.dialog')")
	p.Until(browsertest.Has(".user-name", "ada"))
	return token
}

// Without a token there is nothing to press; with one, approving posts the
// approval with the token, and nothing of it is in the page's storage on disk.
func TestApprove(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	p := open(t, f, "/t/acme/change/12", ".diff-line")
	if p == nil {
		return
	}
	if browsertest.Eval[bool](p, browsertest.Has(".actions .button", "Approve")) {
		t.Error("an anonymous viewer can approve")
	}
	token := signIn(p)
	p.Wait(".actions .primary")
	p.Picture("change-signed-in")
	p.Click(".actions .primary")
	p.Write(".dialog textarea", "good")
	p.Picture("dialog-approve")
	p.Click(".dialog .primary")
	p.Until(browsertest.Has(".note", "Approved"))
	want := []call{{"/api/connection/local/changes/12/approve", "Bearer " + token, doc{"message": "good"}}}
	if diff := cmp.Diff(want, f.calls(), cmp.AllowUnexported(call{})); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if browsertest.Eval[int](p, "localStorage.length") != 0 {
		t.Error("something was written to the disk")
	}
	p.Click(".user")
	p.Until(browsertest.Has(".user-name", "Sign in"))
	p.Until("!" + browsertest.Has(".actions .button", "Approve"))
}

// A text that is no token, and an expired one, are refused with the reason.
func TestTokenDialogRefuses(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/status", ".item")
	if p == nil {
		return
	}
	p.Click(".user")
	p.Click(".dialog .primary")
	p.Until(browsertest.Has(".dialog-error", "Token is needed"))
	p.Write(".dialog textarea", "nonsense")
	p.Click(".dialog .primary")
	p.Until(browsertest.Has(".dialog-error", "not a token"))
	browsertest.Eval[bool](p, "(document.querySelector('.dialog textarea').value = '', true)")
	p.Write(".dialog textarea", sampleToken(time.Now().Add(-time.Hour)))
	p.Click(".dialog .primary")
	p.Until(browsertest.Has(".dialog-error", "expired"))
	p.Picture("dialog-token")
	p.Write(".dialog textarea", "\x1b")
	p.Until("!document.querySelector('.dialog')")
}

// Administrators dequeue and promote from the status page and enqueue from the change's.
func TestAdministratorMovesItems(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	p := open(t, f, "/t/acme/status", ".item")
	if p == nil {
		return
	}
	token := signIn(p)
	p.Click(".item-menu[aria-label='Act on org/lib 14,1']")
	p.Click(".dialog .primary")
	p.Until(browsertest.Has(".note", "Dequeue requested"))
	p.Click(".item-menu[aria-label='Act on org/lib 14,1']")
	p.Do(chromedp.SetValue(".dialog select", "promote"))
	p.Picture("dialog-act")
	p.Click(".dialog .primary")
	p.Until(browsertest.Has(".note", "Promotion requested"))
	p.Click(".item-id[href='/t/acme/change/12,3']")
	p.Wait(".diff-line")
	p.Click(".actions .button:last-child")
	p.Click(".dialog .primary")
	p.Until(browsertest.Has(".note", "Enqueue requested"))
	want := []call{
		{"/api/tenant/acme/project/local/org/lib/dequeue", "Bearer " + token, doc{"pipeline": "gate", "change": "14,1"}},
		{"/api/tenant/acme/promote", "Bearer " + token, doc{"pipeline": "gate", "changes": []any{"14,1"}}},
		{"/api/tenant/acme/project/org/app/enqueue", "Bearer " + token, doc{"pipeline": "check", "change": "12,3"}},
	}
	if diff := cmp.Diff(want, f.calls(), cmp.AllowUnexported(call{})); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// The filters of the history are in the address; paging goes to older rows.
func TestHistoryFilters(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/builds", ".table tbody tr")
	if p == nil {
		return
	}
	p.Wait("#f-job_name")
	p.Write("#f-job_name", "docs\r")
	p.Until("location.search === '?job_name=docs' && document.querySelectorAll('tbody tr').length === 40")
	p.Do(back)
	p.Until("location.search === '' && document.querySelectorAll('tbody tr').length === 50")
	p.Click(".pager a[rel=next]")
	p.Until("location.search.startsWith('?idx_max=') && document.querySelector('tbody')?.textContent.includes('12,3') === false")
	p.Click(".pager a")
	p.Until("location.search === '' && document.querySelector('tbody')?.textContent.includes('12,3')")
	p.Write("#f-project", "nothing/like-it")
	p.Write("#f-change", "99999\r")
	p.Until(browsertest.Has(".empty h2", "Nothing matches"))
}
