package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// Every command that does something has a help text with an example, and
// takes --output.
func TestEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&cli{}, kong.Name("gozer"))
	if err != nil {
		t.Fatal(err)
	}
	leaves := parser.Model.Leaves(true)
	if len(leaves) < 20 {
		t.Errorf("only %d commands", len(leaves))
	}
	for _, leaf := range leaves {
		path := strings.Fields(leaf.Path())
		args := path[:0:0]
		for _, p := range path {
			if !strings.HasPrefix(p, "<") && !strings.HasPrefix(p, "[") {
				args = append(args, p)
			}
		}
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			var out, stderr bytes.Buffer
			if code := run(t.Context(), append(args, "--help"), &out, &stderr); code != exitDone {
				t.Fatalf("exit code %d: %s", code, stderr.String())
			}
			for _, want := range []string{"Example", "gozer " + strings.Join(args, " "), "--output"} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("help has no %q:\n%s", want, out.String())
				}
			}
		})
	}
}
