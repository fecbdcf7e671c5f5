package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/client"
)

func serve(t *testing.T, h http.HandlerFunc) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := client.New(s.URL+"/", "secret")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRequestCarriesTokenAndEscapedPath(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%q", r.Header.Get("Authorization")+" "+r.URL.EscapedPath()+" "+r.Header.Get("Content-Type"))
	})
	got, err := c.Post(t.Context(), "/api"+client.Path("tenant", "my team", "project", "org/app", "enqueue"), struct{}{})
	if want := `"Bearer secret /api/tenant/my%20team/project/org%2Fapp/enqueue application/json"`; err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]client.Error{
		`404 {"detail":"no such tenant","code":"not_found","hint":"look at gozer status"}`: {Status: 404, Code: "not_found", Detail: "no such tenant", Hint: "look at gozer status"},
		`401 {"description":"Token expired","error":"expired","realm":"gozer"}`:            {Status: 401, Code: "unauthenticated", Detail: "Token expired"},
		`502 <html>`: {Status: 502},
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			var status int
			_, body, _ := strings.Cut(answer, " ")
			_, _ = fmt.Sscan(answer, &status)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		})
		_, err := c.Get(t.Context(), "/api/tenants", nil)
		var e *client.Error
		if !errors.As(err, &e) || e.Status != want.Status || e.Code != want.Code || want.Detail != "" && e.Detail != want.Detail || want.Hint != "" && e.Hint != want.Hint {
			t.Errorf("%s: got %+v", answer, err)
		}
	}
}

func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(nil)
	c, err := client.New(s.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	var e *client.Error
	if _, err := c.Get(t.Context(), "/api/tenants", nil); !errors.As(err, &e) || !e.Unreachable || !strings.Contains(e.Hint, "gozer serve") {
		t.Errorf("got %v", err)
	}
}

func TestTokenStaysWithItsServer(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("other server got %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(other.Close)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	if _, err := c.Get(t.Context(), "/api", nil); err == nil {
		t.Error("the redirect was followed")
	}
}

func TestConsoleComesBackWhereItBroke(t *testing.T) {
	t.Parallel()
	const text = "0123456789"
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var offset int
		_, _ = fmt.Sscan(r.FormValue("offset"), &offset)
		end := min(offset+4, len(text))
		fmt.Fprint(w, text[offset:end])
		if end < len(text) {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler) // breaks the connection
		}
	})
	var out strings.Builder
	reached, err := c.Console(t.Context(), "acme", "b1", 1, true, &out)
	if err != nil || reached != int64(len(text)) || out.String() != text[1:] {
		t.Errorf("got %q up to %d, %v", out.String(), reached, err)
	}
}

func TestNewRefusesWhatIsNoServer(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"", "localhost:9000", "ftp://x", "http://"} {
		if _, err := client.New(u, ""); err == nil {
			t.Errorf("%q was taken", u)
		}
	}
}
