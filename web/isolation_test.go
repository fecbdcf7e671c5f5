package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestTenantsAreApart sends every tenant operation of the contract, in four
// roles, with builds and changes of tenant acme to a tenant that does not
// exist and to one that is not loaded: nothing of acme may show.
func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fill := strings.NewReplacer(
		"{project_name}", "org/app", "{uuid}", string(doneBuild), "{change}", "7,1", "{job_name}", "test",
	)
	roles := map[string]string{
		"nobody": "", "user": token(t, "bob"), "admin of acme": token(t, "alice", "acme"), "admin of other": token(t, "carol", "other"),
	}
	statuses := map[string]int{"other": http.StatusUnprocessableEntity, "nobody": http.StatusNotFound}
	for route := range operations(contract(t)) {
		method, path, _ := strings.Cut(route, " ")
		if !strings.Contains(path, "{tenant_name}") || strings.HasSuffix(path, "/info") {
			continue
		}
		body := ""
		if method == http.MethodPost {
			body = `{"pipeline": "gate", "change": "1,1"}`
		}
		for tenant, want := range statuses {
			for role, bearer := range roles {
				url := fill.Replace(strings.ReplaceAll(path, "{tenant_name}", tenant))
				w := b.do(method, url, body, "Authorization", bearer)
				if w.Code != want || strings.Contains(w.Body.String(), "org/app") {
					t.Errorf("%s %s as %s: got %d %s", method, url, role, w.Code, w.Body)
				}
			}
		}
	}
	if len(b.inputs.asked) > 0 {
		t.Errorf("inputs got %q", b.inputs.asked)
	}
}

// TestWritesNeedTheRightToken sends every operation that needs a token.
func TestWritesNeedTheRightToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fill := strings.NewReplacer("{tenant_name}", "acme", "{project_name}", "org/app", "{connection}", "local", "{number}", "7")
	for route, op := range operations(contract(t)) {
		if op.Security == nil {
			continue
		}
		method, path, _ := strings.Cut(route, " ")
		for bearer, name := range map[string]string{
			"": "MissingAuthError", "Basic x": "InvalidAuthFormat", "Bearer x": "AuthTokenUndecodedException",
			flip(token(t, "alice", "acme")): "AuthTokenInvalidSignatureException",
		} {
			w := b.do(method, fill.Replace(path), "", "Authorization", bearer)
			if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `"error":"`+name+`"`) ||
				!strings.HasPrefix(w.Header().Get("Www-Authenticate"), `Bearer realm="example" error="`+name+`"`) {
				t.Errorf("%s with %.10s: got %d %s", route, bearer, w.Code, w.Body)
			}
		}
	}
}

// flip spoils the signature of a token.
func flip(bearer string) string {
	dot := strings.LastIndex(bearer, ".")
	first := "A"
	if bearer[dot+1] == 'A' {
		first = "B"
	}
	return bearer[:dot+1] + first + bearer[dot+2:]
}
