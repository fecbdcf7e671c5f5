package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// expectation is what the list says about a fixture. The zero value is that of
// one that loads without errors.
type expectation struct {
	why    string
	errors []string // codes
	// connections of the system; nil lets them be guessed.
	connections tenants.Connections
	first       scheduler.ConnectionName
	// tenantFile and project say that the file stands in for the zuul.yaml of
	// that project in another fixture.
	tenantFile, project string
	// skip says that the file is no configuration.
	skip bool
}

// source is the connection of the projects of a layout.
func (e expectation) source() scheduler.ConnectionName {
	if e.first != "" {
		return e.first
	}
	return "gerrit"
}

// readExpectations reads the list: blocks of lines that begin with a word.
//
//	fixture PATH        begins a block
//	why TEXT            what the fixture is for
//	error CODE          the codes of its errors, in any number
//	connections A=D@H   names, drivers and hosts of the connections of the system
//	source NAME         the connection that a layout's projects stand in
//	in PATH PROJECT     the file takes the place of the zuul.yaml of that project in the fixture PATH
//	skip                the file is no configuration
func readExpectations(text string) (map[string]expectation, error) {
	out := map[string]expectation{}
	at := ""
	for i, line := range strings.Split(text, "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		if word == "fixture" {
			if _, twice := out[rest]; twice || rest == "" {
				return nil, fmt.Errorf("expected.txt:%d: the fixture %q is named twice, or not", i+1, rest)
			}
			at = rest
			out[at] = expectation{}
			continue
		}
		e := out[at]
		if at == "" || !e.take(word, rest) {
			return nil, fmt.Errorf("expected.txt:%d: %q is not understood", i+1, line)
		}
		out[at] = e
	}
	return out, nil
}

func (e *expectation) take(word, rest string) bool {
	switch word {
	case "why":
		e.why = rest
	case "error":
		e.errors = append(e.errors, rest)
	case "source":
		e.first = scheduler.ConnectionName(rest)
	case "skip":
		e.skip = true
	case "in":
		e.tenantFile, e.project, _ = strings.Cut(rest, " ")
		return e.project != ""
	case "connections":
		e.connections = tenants.Connections{}
		for _, pair := range strings.Fields(rest) {
			name, driver, ok := strings.Cut(pair, "=")
			if !ok {
				return false
			}
			driver, host, _ := strings.Cut(driver, "@")
			e.connections[scheduler.ConnectionName(name)] = tenants.Connection{Driver: driver, CanonicalHost: host}
		}
	default:
		return false
	}
	return true
}

// compare says what is not as expected, or nothing.
func (e expectation) compare(found []string) string {
	want := slices.Sorted(slices.Values(e.errors))
	switch {
	case slices.Equal(want, found):
		return ""
	case len(want) == 0:
		return "it should load"
	}
	return fmt.Sprintf("it should have the errors %s", strings.Join(want, " "))
}

// codesOf lists the codes of the errors, each once.
func codesOf(ds tenants.Diagnostics) []string {
	var out []string
	for _, d := range ds.Errors() {
		out = append(out, string(d.Code))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
