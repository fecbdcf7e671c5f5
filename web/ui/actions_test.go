package ui

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

var back step = chromedp.NavigateBack()

// sampleToken has the form of a token; the fake accepts any.
func sampleToken(expires time.Time) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256"}`)) + "." + part(fmt.Appendf(nil, `{"sub":"ada","exp":%d}`, expires.Unix())) + ".c2lnbmF0dXJl"
}

func signIn(p *tab) string {
	p.t.Helper()
	token := sampleToken(time.Now().Add(time.Hour))
	p.click(".user")
	p.write(".dialog textarea", token)
	p.click(".dialog .primary")
	p.until("!document.querySelector('.dialog')")
	p.until(has(".user-name", "ada"))
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
	if eval[bool](p, has(".actions .button", "Approve")) {
		t.Error("an anonymous viewer can approve")
	}
	token := signIn(p)
	p.wait(".actions .primary")
	p.picture("change-signed-in")
	p.click(".actions .primary")
	p.write(".dialog textarea", "good")
	p.picture("dialog-approve")
	p.click(".dialog .primary")
	p.until(has(".note", "Approved"))
	want := []call{{"/api/connection/local/changes/12/approve", "Bearer " + token, doc{"message": "good"}}}
	if diff := cmp.Diff(want, f.calls(), cmp.AllowUnexported(call{})); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if eval[int](p, "localStorage.length") != 0 {
		t.Error("something was written to the disk")
	}
	p.click(".user")
	p.until(has(".user-name", "Sign in"))
	p.until("!" + has(".actions .button", "Approve"))
}

// A text that is no token, and an expired one, are refused with the reason.
func TestTokenDialogRefuses(t *testing.T) {
	t.Parallel()
	p := open(t, newFake(t), "/t/acme/status", ".item")
	if p == nil {
		return
	}
	p.click(".user")
	p.click(".dialog .primary")
	p.until(has(".dialog-error", "Token is needed"))
	p.write(".dialog textarea", "nonsense")
	p.click(".dialog .primary")
	p.until(has(".dialog-error", "not a token"))
	eval[bool](p, "(document.querySelector('.dialog textarea').value = '', true)")
	p.write(".dialog textarea", sampleToken(time.Now().Add(-time.Hour)))
	p.click(".dialog .primary")
	p.until(has(".dialog-error", "expired"))
	p.picture("dialog-token")
	p.write(".dialog textarea", "\x1b")
	p.until("!document.querySelector('.dialog')")
}

// Administrators dequeue from the status page and enqueue from the change's.
func TestAdministratorMovesItems(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	p := open(t, f, "/t/acme/status", ".item")
	if p == nil {
		return
	}
	token := signIn(p)
	p.click(".item-menu[aria-label='Dequeue org/lib 14,1']")
	p.click(".dialog .primary")
	p.until(has(".note", "Dequeue requested"))
	p.click(".item-id[href='/t/acme/change/12,3']")
	p.wait(".diff-line")
	p.click(".actions .button:last-child")
	p.click(".dialog .primary")
	p.until(has(".note", "Enqueue requested"))
	want := []call{
		{"/api/tenant/acme/project/local/org/lib/dequeue", "Bearer " + token, doc{"pipeline": "gate", "change": "14,1"}},
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
	p.wait("#f-job_name")
	p.write("#f-job_name", "docs\r")
	p.until("location.search === '?job_name=docs' && document.querySelectorAll('tbody tr').length === 40")
	p.do(back)
	p.until("location.search === '' && document.querySelectorAll('tbody tr').length === 50")
	p.click(".pager a[rel=next]")
	p.until("location.search.startsWith('?idx_max=') && document.querySelector('tbody')?.textContent.includes('12,3') === false")
	p.click(".pager a")
	p.until("location.search === '' && document.querySelector('tbody')?.textContent.includes('12,3')")
	p.write("#f-project", "nothing/like-it")
	p.write("#f-change", "99999\r")
	p.until(has(".empty h2", "Nothing matches"))
}
