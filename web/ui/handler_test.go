package ui

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

func get(h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	h := Handler()
	cases := map[string]struct {
		path   string
		status int
		page   bool
	}{
		"start":           {"/", 200, true},
		"tenants":         {"/tenants", 200, true},
		"status":          {"/t/acme/status", 200, true},
		"dots in a name":  {"/t/acme/project/org/site.js", 200, true},
		"change":          {"/change/12", 200, true},
		"unknown page":    {"/nowhere", 404, true},
		"missing file":    {"/robots.txt", 404, false},
		"missing asset":   {"/ui/0123456789abcdef/js/app.js", 404, false},
		"asset folder":    {"/ui/", 404, false},
		"out of the tree": {"/ui/../ui.go", 404, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := get(h, c.path)
			if w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			if isPage := strings.Contains(w.Body.String(), "<!doctype html>"); isPage != c.page {
				t.Errorf("is the page: %v, want %v", isPage, c.page)
			}
			if got := w.Header().Get("Content-Security-Policy"); got != policy {
				t.Errorf("policy %q", got)
			}
		})
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST gives %d", w.Code)
	}
}

// Assets are kept for ever, the page is asked for again and answered with 304.
func TestCaching(t *testing.T) {
	t.Parallel()
	h := Handler()
	w := get(h, "/t/acme/status")
	tag := w.Header().Get("ETag")
	if tag == "" || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("page: tag %q, cache %q", tag, w.Header().Get("Cache-Control"))
	}
	if again := get(h, "/", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("known page gives %d", again.Code)
	}
	asset := regexp.MustCompile(`src="(/ui/[^"]*app\.js)"`).FindStringSubmatch(w.Body.String())[1]
	plain := get(h, asset)
	if got := plain.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("asset: cache %q", got)
	}
	packed := get(h, asset, "Accept-Encoding", "gzip")
	unpacked, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil || string(data) != plain.Body.String() {
		t.Errorf("compressed asset differs: %v", err)
	}
}

// FromDisk shows an edit without a restart.
func TestFromDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(path.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("index.html", "<!doctype html><script src={{prefix}}a.js>")
	write("a.js", "1")
	h := FromDisk(dir)
	first := get(h, "/").Body.String()
	write("a.js", "22")
	second := get(h, "/").Body.String()
	if first == second {
		t.Error("the address of an edited file stayed the same")
	}
	if got := get(h, strings.TrimSuffix(strings.SplitN(second, "src=", 2)[1], ">")).Body.String(); got != "22" {
		t.Errorf("asset is %q", got)
	}
	if err := os.Remove(path.Join(dir, "index.html")); err != nil {
		t.Fatal(err)
	}
	if w := get(h, "/"); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "index.html") {
		t.Errorf("without a page: %d %s", w.Code, w.Body)
	}
}

// Everything that the status page loads fits in 300 KB on the wire, and so
// does the whole interface.
func TestWeight(t *testing.T) {
	t.Parallel()
	tree, err := fs.Sub(embedded, "static")
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBundle(tree)
	if err != nil {
		t.Fatal(err)
	}
	total := len(b.index.gzip)
	for _, a := range b.files {
		total += min(len(a.data), max(len(a.gzip), 1))
	}
	t.Logf("the whole interface: %d bytes in %d files", total, len(b.files))
	if total > 300_000 {
		t.Errorf("%d bytes", total)
	}
}

var (
	imports = regexp.MustCompile(`(?m)(?:^import .*from |import\()"([^"]+)"`)
	// forbidden would break the policy, or make HTML out of text.
	forbidden = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\("style"|<script>|<style| style=|https?://(?:[^\s"'<]*\.)?(?:cdn|unpkg|googleapis)`)
)

// Every import of a module leads to a file, and nothing is used that the
// policy forbids.
func TestModules(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(embedded, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		if found := forbidden.Find(data); found != nil {
			t.Errorf("%s uses %s", name, found)
		}
		if path.Ext(name) != ".js" {
			return nil
		}
		for _, m := range imports.FindAllSubmatch(data, -1) {
			target := path.Join(path.Dir(name), string(m[1]))
			if _, err := fs.Stat(embedded, target); err != nil {
				t.Errorf("%s imports %s, which is not there", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
