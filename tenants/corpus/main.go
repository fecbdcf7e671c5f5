// Command corpus loads every configuration below a directory and says of each
// whether it came out as the list of the project expects: loaded, or with the
// errors that it is meant to have. See expected.txt in testdata, and fixture.go
// for how the directory is laid out.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

//go:embed testdata/expected.txt
var expectedText string

func main() {
	verbose := flag.Bool("v", false, "show the diagnostics of fixtures that are meant to have them, and warnings")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: corpus [-v] DIR")
		os.Exit(2)
	}
	good, err := run(context.Background(), os.Stdout, flag.Arg(0), expectedText, *verbose)
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(2)
	}
	if !good {
		os.Exit(1)
	}
}

// tally counts the outcomes.
type tally struct{ loaded, meant, skipped, wrong int }

// run loads the fixtures of dir and tells about each; good says that all came
// out as expected.
func run(ctx context.Context, w io.Writer, dir, expected string, verbose bool) (good bool, err error) {
	list, err := readExpectations(expected)
	if err != nil {
		return false, err
	}
	fixtures, err := findFixtures(dir)
	if err != nil {
		return false, err
	}
	var n tally
	for _, f := range fixtures {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err := n.add(w, f, list[f.name], verbose); err != nil {
			return false, err
		}
	}
	_, err = fmt.Fprintf(w, "%d fixtures: %d loaded without errors, %d with the errors that they are meant to have, %d are no configurations, %d not as expected\n",
		len(fixtures), n.loaded, n.meant, n.skipped, n.wrong)
	return n.wrong == 0, err
}

// add loads one fixture and writes its line.
func (n *tally) add(w io.Writer, f *fixture, want expectation, verbose bool) error {
	if want.skip {
		n.skipped++
		_, err := fmt.Fprintf(w, "%s: not loaded: %s\n", f.name, want.why)
		return err
	}
	problems, err := f.load(want)
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	found := codesOf(problems)
	differ := want.compare(found)
	switch {
	case differ != "":
		n.wrong++
		_, err = fmt.Fprintf(w, "%s: NOT AS EXPECTED: %s\n%s", f.name, differ, indent(problems.Errors().String()))
	case len(found) > 0:
		n.meant++
		_, err = fmt.Fprintf(w, "%s: errors, as it is meant to: %s: %s\n", f.name, strings.Join(found, " "), want.why)
		if verbose && err == nil {
			_, err = io.WriteString(w, indent(problems.Errors().String()))
		}
	default:
		n.loaded++
		_, err = fmt.Fprintf(w, "%s: loaded\n", f.name)
	}
	if verbose && err == nil {
		_, err = io.WriteString(w, indent(problems.Warnings().String()))
	}
	return err
}

func indent(text string) string {
	if text == "" {
		return ""
	}
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}
