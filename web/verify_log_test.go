package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// verifier finds that read models of tenant acme are wrong, and nothing in
// tenant other.
type verifier struct {
	asked []scheduler.TenantName
	err   error
	// hold keeps verifications until they are given up.
	hold chan<- struct{}
}

func (v *verifier) Verify(ctx context.Context, tenants []scheduler.TenantName) (out web.Verification, err error) {
	v.asked = tenants
	if v.hold != nil {
		v.hold <- struct{}{}
		<-ctx.Done()
		return out, ctx.Err()
	}
	if len(tenants) == 0 {
		tenants = []scheduler.TenantName{"acme", "other"}
	}
	for _, t := range tenants {
		found := web.TenantVerification{Name: t, Head: 35, Hash: strings.Repeat("4b", 32), Commits: 35, Events: 101, Live: 35, Snapshot: 30, Models: 34, Rows: 158}
		switch t {
		case "acme":
			found.Problems = []string{"live state of commit 35 differs from the log: at byte 7 it has 1 and should have 2"}
			found.Differences = []string{"builds 1: missing"}
		case "other":
		default:
			return out, &scheduler.Rejection{Code: "not_found", Message: "the log has nothing of the tenant", Subject: string(t)}
		}
		out.Tenants = append(out.Tenants, found)
	}
	return out, v.err
}

func TestVerifyLogIsForAdministrators(t *testing.T) {
	t.Parallel()
	b := setup(t)
	acme, all := token(t, "alice", "acme"), token(t, "root", "*")
	for _, c := range []struct {
		bearer, query string
		status        int
		asked         []scheduler.TenantName
	}{
		{all, "", http.StatusOK, nil},
		{all, "?tenant=acme&tenant=other&tenant=acme", http.StatusOK, []scheduler.TenantName{"acme", "other"}},
		{acme, "?tenant=acme", http.StatusOK, []scheduler.TenantName{"acme"}},
		{acme, "", http.StatusForbidden, nil},
		{acme, "?tenant=acme&tenant=other", http.StatusForbidden, nil},
		{acme, "?tenant=", http.StatusBadRequest, nil},
		{token(t, "eve"), "?tenant=acme", http.StatusForbidden, nil},
		{"", "?tenant=acme", http.StatusUnauthorized, nil},
	} {
		b.verifier.asked = nil
		w := b.get("/api/verify-log"+c.query, "Authorization", c.bearer)
		if w.Code != c.status || !slices.Equal(b.verifier.asked, c.asked) {
			t.Errorf("%s: got status %d, want %d; asked %v: %s", c.query, w.Code, c.status, b.verifier.asked, w.Body)
		}
	}
}

func TestVerificationThatCannotBe(t *testing.T) {
	t.Parallel()
	for err, status := range map[error]int{
		web.ErrVerifying: http.StatusTooManyRequests,
		&scheduler.Rejection{Code: "unavailable", Message: "it is still being read", Subject: "acme"}: http.StatusServiceUnavailable,
		errors.New("a broken disk"): http.StatusInternalServerError,
	} {
		b := setup(t)
		b.verifier.err = err
		w := b.get("/api/verify-log", "Authorization", token(t, "root", "*"))
		wantStatus(t, w, status)
		if strings.Contains(w.Body.String(), "disk") {
			t.Errorf("the answer tells of the inside: %s", w.Body)
		}
	}
}

func TestVerificationEndsWithTheServer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	held := make(chan struct{})
	b.verifier.hold = held
	done := make(chan *httptest.ResponseRecorder)
	bearer := token(t, "root", "*")
	go func() { done <- b.get("/api/verify-log", "Authorization", bearer) }()
	<-held
	b.Stop()
	wantStatus(t, <-done, http.StatusServiceUnavailable)
}
