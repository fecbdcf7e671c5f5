package tenants

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// wholeFile are the codes of problems that have no line.
var wholeFile = map[Code]bool{
	CodeFileTooLarge: true, CodeTooManyNodes: true, CodeTooManyProblems: true, CodeMultipleConfigurations: true,
}

// FuzzLoad loads anything as the file of an untrusted project, a
// config-project and a tenant file. Nothing may panic, every problem has a
// place, and the same files make the same layout.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/diagnostics/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, path := range files {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			f.Add(file.Data)
		}
	}
	f.Add([]byte(variantsConfig))
	f.Add([]byte("- &a {x: *a}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, problems := ParseTenants("tenants.yaml", data, nil)
		places(t, problems)
		for _, branch := range []string{"local/org/app@master/zuul.yaml", "local/config@master/zuul.d/a.yaml"} {
			w := testWorld(t, map[string]string{branch: string(data)})
			l, problems := w.tenant(t).Load(w.live)
			again, _ := w.tenant(t).Load(w.live)
			if l.Hash() != again.Hash() {
				t.Error("two loads of the same files differ")
			}
			places(t, problems)
			l.FreezeAll()
			if next, _ := l.With(w.live); next == nil {
				t.Error("no speculative layout")
			}
		}
	})
}

func places(t *testing.T, problems Diagnostics) {
	t.Helper()
	for _, d := range problems {
		if d.Line < 1 && !wholeFile[d.Code] || d.Path == "" || d.Text == "" || d.Name == "" {
			t.Errorf("a problem without place or text: %+v", d)
		}
		if d.String() == "" {
			t.Error("a problem without words")
		}
	}
}
