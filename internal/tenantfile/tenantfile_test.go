package tenantfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		mode fs.FileMode
		want string
		fail string
	}{
		"a file":                        {"- tenant: {name: acme}\n", 0o644, "- tenant: {name: acme}\n", ""},
		"a script":                      {"#!/bin/sh\necho \"- tenant: {name: made}\"\n", 0o755, "- tenant: {name: made}\n", ""},
		"an executable file of YAML":    {"- tenant: {name: acme}\n", 0o755, "- tenant: {name: acme}\n", ""},
		"a script that nobody may run":  {"#!/bin/sh\n", 0o644, "#!/bin/sh\n", ""},
		"a script that fails":           {"#!/bin/sh\necho no database >&2\nexit 3\n", 0o755, "", "no database"},
		"a script in its own directory": {"#!/bin/sh\nbasename \"$PWD\"\n", 0o755, "here\n", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "here", "tenants")
			if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(test.text), test.mode); err != nil {
				t.Fatal(err)
			}
			got, err := Read(t.Context(), path)
			if string(got) != test.want || (err == nil) != (test.fail == "") {
				t.Errorf("got %q, %v", got, err)
			}
			if err != nil && !strings.Contains(err.Error(), test.fail) {
				t.Errorf("the error %q does not say %q", err, test.fail)
			}
		})
	}
}

func TestReadNothing(t *testing.T) {
	t.Parallel()
	if _, err := Read(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
