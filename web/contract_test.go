package web_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	gozer "github.com/gozer-ci/gozer"
	"github.com/gozer-ci/gozer/web"
)

var update = flag.Bool("update", false, "write the answers in testdata/api anew")

func contract(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(gozer.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// operations are those of the contract, as "METHOD path".
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	all := make(map[string]*openapi3.Operation)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all[method+" "+path] = op
		}
	}
	return all
}

func TestContractIsValid(t *testing.T) {
	t.Parallel()
	if err := contract(t).Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestRoutesEqualContract(t *testing.T) {
	t.Parallel()
	b := setup(t)
	served := make(map[string]bool)
	err := chi.Walk(b.Router(), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method != http.MethodOptions {
			served[method+" "+route] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	described := operations(contract(t))
	for _, ny := range web.NotYet() {
		if described[ny] != nil {
			t.Errorf("%s is in openapi.yaml and in notYet", ny)
		}
		if !served[ny] {
			t.Errorf("%s of notYet is not served", ny)
		}
		delete(served, ny)
	}
	for route := range served {
		if described[route] == nil {
			t.Errorf("%s is served but openapi.yaml lacks it", route)
		}
	}
	for route := range described {
		if !served[route] {
			t.Errorf("%s is in openapi.yaml but not served", route)
		}
	}
}

// TestExamples sends the requests of testdata/api, one file for each
// operation, compares the answers and holds them to the contract.
func TestExamples(t *testing.T) {
	t.Parallel()
	doc := contract(t)
	for route, op := range operations(doc) {
		t.Run(op.OperationID, func(t *testing.T) {
			t.Parallel()
			method, path, _ := strings.Cut(route, " ")
			described := &routers.Route{Spec: doc, Path: path, PathItem: doc.Paths.Value(path), Method: method, Operation: op}
			runExamples(t, filepath.Join("testdata", "api", op.OperationID+".txtar"), described)
		})
	}
}

func TestEveryExampleHasAnOperation(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/api/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, op := range operations(contract(t)) {
		known[op.OperationID+".txtar"] = true
	}
	for _, f := range files {
		if !known[filepath.Base(f)] {
			t.Errorf("%s belongs to no operation", f)
		}
	}
}

func runExamples(t *testing.T, file string, described *routers.Route) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatalf("every operation needs an example: %v", err)
	}
	covered := false
	for i, f := range archive.Files {
		if strings.HasSuffix(f.Name, ".answer") {
			continue
		}
		b := setup(t)
		r := parseRequest(t, f.Data)
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		covered = covered || w.Code < 300 || described.Operation.OperationID == "streamConsole" || described.Operation.OperationID == "getEvents"
		validate(t, f.Name, described, r, w)
		got := render(w)
		if i+1 >= len(archive.Files) || archive.Files[i+1].Name != f.Name+".answer" {
			t.Fatalf("%s: no %s.answer behind it", file, f.Name)
		}
		if *update {
			archive.Files[i+1].Data = []byte(got)
		} else if diff := cmp.Diff(string(archive.Files[i+1].Data), got); diff != "" {
			t.Errorf("%s: %s (go test ./web -run TestExamples -update accepts it):\n%s", file, f.Name, diff)
		}
	}
	if !covered {
		t.Errorf("%s has no example that succeeds", file)
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// parseRequest reads a request: a line with method and path, headers, a body
// after an empty line. "Authorization: name tenant..." stands for a token.
func parseRequest(t *testing.T, data []byte) *http.Request {
	t.Helper()
	head, body, _ := strings.Cut(strings.TrimSuffix(string(data), "\n"), "\n\n")
	lines := strings.Split(head, "\n")
	method, path, _ := strings.Cut(lines[0], " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Authorization" {
			words := strings.Fields(value)
			value = token(t, words[0], words[1:]...)
		}
		r.Header.Set(name, value)
	}
	return r
}

// shownHeaders are those that goldens hold.
var shownHeaders = []string{
	"Content-Type", "Access-Control-Allow-Origin", "Cache-Control", "Last-Modified", "Etag", "Gozer-Seq", "Www-Authenticate",
}

var varying = regexp.MustCompile(`"request_id": ?"[A-Z0-9]+"`)

func render(w *httptest.ResponseRecorder) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d\n", w.Code)
	for _, name := range shownHeaders {
		if v := w.Header().Get(name); v != "" {
			fmt.Fprintf(&out, "%s: %s\n", name, v)
		}
	}
	body := w.Body.Bytes()
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		var indented bytes.Buffer
		if err := json.Indent(&indented, body, "", "  "); err == nil {
			body = append(indented.Bytes(), '\n')
		}
	}
	body = varying.ReplaceAll(body, []byte(`"request_id": "ID"`))
	fmt.Fprintf(&out, "\n%s", body)
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// validate holds an answer to the contract.
func validate(t *testing.T, name string, described *routers.Route, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("X-Request-Id") == "" {
		t.Errorf("%s: security headers or request id are missing: %v", name, w.Header())
	}
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	options := &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: !strings.Contains(kind, "json")}
	options.WithCustomSchemaErrorFunc(func(err *openapi3.SchemaError) string {
		return err.Reason + " at " + strings.Join(err.JSONPointer(), "/")
	})
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: described, Options: options},
		Status:                 w.Code, Header: w.Header(), Options: options,
		Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
	}
	if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
		t.Errorf("%s: the answer breaks the contract: %v", name, err)
	}
	answer := described.Operation.Responses.Status(w.Code)
	if answer != nil && len(answer.Value.Content) > 0 && answer.Value.Content.Get(kind) == nil {
		t.Errorf("%s: content type %q is not in the contract", name, kind)
	}
}

// TestContractListsTheCommonRefusals looks for what every operation of a kind answers.
func TestContractListsTheCommonRefusals(t *testing.T) {
	t.Parallel()
	for route, op := range operations(contract(t)) {
		want := []string{}
		if strings.Contains(route, "{tenant_name}") && op.OperationID != "getTenantInfo" {
			want = append(want, "404", "422")
		}
		if op.RequestBody != nil {
			want = append(want, "400", "401", "413", "415")
		}
		for _, status := range want {
			if op.Responses.Value(status) == nil {
				t.Errorf("%s lacks answer %s", route, status)
			}
		}
		if len(op.Tags) != 1 || !slices.Contains([]string{"zuul", "gozer"}, op.Tags[0]) || op.Summary == "" {
			t.Errorf("%s needs a summary and the tag zuul or gozer", route)
		}
	}
}
