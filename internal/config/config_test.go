package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gozer-ci/gozer/internal/config"
)

var update = flag.Bool("update", false, "rewrite expected texts and documentation")

func TestDefault(t *testing.T) {
	t.Parallel()
	c := config.Default()
	if c.Listen != "127.0.0.1:9000" || c.Executor.OutputLimit != 100<<20 || c.NATS.ConsoleAge != 24*time.Hour {
		t.Errorf("defaults are %+v", c)
	}
	empty, err := config.Parse("gozer.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, empty); diff != "" {
		t.Errorf("an empty file differs from no file:\n%s", diff)
	}
}

func TestLoadResolvesPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "gozer.yaml")
	text := "data: var\ntenants: /etc/tenants.yaml\nauth:\n  authenticators:\n    - {name: a, secret-file: a.secret, issuer-id: us}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := strings.Repeat("s", 32)
	if err := os.WriteFile(filepath.Join(dir, "a.secret"), []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != filepath.Join(dir, "var") || c.Tenants != "/etc/tenants.yaml" {
		t.Errorf("data %s, tenants %s", c.Data, c.Tenants)
	}
	list, err := c.Authenticators()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || string(list[0].Secret) != secret || list[0].IssuerID != "us" || list[0].Realm != "gozer" {
		t.Errorf("authenticators %+v", list)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = config.Parse("gozer.yaml", a.Files[0].Data)
			got := "no mistakes\n"
			if err != nil {
				got = err.Error() + "\n"
			}
			if *update {
				a.Files[1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Errorf("go test -update rewrites it:\n%s", diff)
			}
		})
	}
}

// Every code that a case has is documented, and every documented one has a case.
func TestCodesAreDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var cases strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		cases.Write(data)
	}
	for _, code := range []string{"syntax", "type", "unknown-key", "duplicate-key", "value", "missing-key", "conflict"} {
		if !strings.Contains(string(doc), "\n### "+code+"\n") {
			t.Errorf("code %s has no section in docs/configuration.md", code)
		}
		if !strings.Contains(cases.String(), "["+code+"]") {
			t.Errorf("code %s has no case in testdata", code)
		}
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../docs/configuration.md", "<!-- begin keys -->\n", "<!-- end keys -->"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), begin)
	got, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/configuration.md has no marks for the tables")
	}
	want := config.Document() + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(head+begin+want+end+tail), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documentation and code differ; go test -update rewrites it:\n%s", diff)
	}
}

func TestEveryKeyHasAMeaningAndADefaultThatParses(t *testing.T) {
	t.Parallel()
	for _, k := range config.Keys() {
		if k.Doc == "" {
			t.Errorf("%s has no meaning", k.Path)
		}
		if k.Type == "size" || k.Type == "duration" || k.Type == "number" || k.Type == "true or false" {
			if k.Default == "" {
				t.Errorf("%s has no default", k.Path)
			}
		}
	}
}

func TestGeneratedSecretStays(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Data = filepath.Join(t.TempDir(), "data")
	first, err := c.Authenticators()
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Authenticators()
	if err != nil {
		t.Fatal(err)
	}
	if len(first[0].Secret) != 64 || string(first[0].Secret) != string(again[0].Secret) {
		t.Errorf("secrets of %d and %d bytes differ", len(first[0].Secret), len(again[0].Secret))
	}
	info, err := os.Stat(filepath.Join(c.SecretsDir(), "auth-hs256"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v", info.Mode())
	}
	if first[0].Secret.String() != "[hidden]" {
		t.Errorf("shown as %s", first[0].Secret)
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	c := config.Default()
	for addr, want := range map[string]string{
		"":               "http://127.0.0.1:9000",
		"127.0.0.1:1234": "http://127.0.0.1:1234",
		"0.0.0.0:80":     "http://localhost:80",
		"[::]:80":        "http://localhost:80",
		"[::1]:80":       "http://[::1]:80",
	} {
		if got := c.PublicURL(addr); got != want {
			t.Errorf("%q: got %s, want %s", addr, got, want)
		}
	}
	c.URL = "https://ci.example.com/gozer/"
	if got := c.PublicURL("127.0.0.1:1"); got != "https://ci.example.com/gozer" {
		t.Errorf("got %s", got)
	}
}

func TestBytes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Bytes{"0": 0, "5B": 5, "1KiB": 1024, "2 MiB": 2 << 20, "3GB": 3e9, "10TiB": 10 << 40} {
		if got, err := config.ParseBytes(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "5", "-1B", "1.5GiB", "9000000TiB", "MiB", "1 kb"} {
		if got, err := config.ParseBytes(text); err == nil {
			t.Errorf("%q: got %d", text, got)
		}
	}
	for b, want := range map[config.Bytes]string{0: "0", 1 << 20: "1MiB", 1000: "1000B", 3 << 39: "1536GiB"} {
		if b.String() != want {
			t.Errorf("%d: got %s, want %s", b, b, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("data: x\nauth: {authenticators: [{name: a}]}\n"))
	f.Add([]byte("a: &a [*a]\nconnections: [1, {}]\n? [x]\n: y\n"))
	f.Add([]byte("!!binary x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := config.Parse("gozer.yaml", data)
		ds, ok := err.(config.Diagnostics) //nolint:errorlint // Parse promises it unwrapped
		if err != nil && !ok {
			t.Fatalf("%T: %v", err, err)
		}
		for _, d := range ds {
			if d.Line < 1 || d.Column < 1 || d.Text == "" || d.Code == "" {
				t.Fatalf("%+v", d)
			}
		}
	})
}
