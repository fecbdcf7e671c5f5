package schedtest

import (
	"bytes"
	"fmt"
	"strings"
)

// archive is a text file with named sections, in Go's txtar format: what
// stands before the first "-- name --" line is the script.
type archive struct {
	script   string
	names    []string // in file order
	sections map[string]string
}

func parseArchive(data []byte) *archive {
	a := &archive{sections: map[string]string{}}
	name := ""
	for line := range strings.Lines(string(data)) {
		if n, ok := sectionName(line); ok {
			name = n
			a.names = append(a.names, n)
			a.sections[n] = ""
			continue
		}
		if name == "" {
			a.script += line
		} else {
			a.sections[name] += line
		}
	}
	return a
}

func sectionName(line string) (string, bool) {
	line = strings.TrimSpace(line)
	name, ok := strings.CutPrefix(line, "-- ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, " --")
}

// set replaces a section, adding it at the end when it is new.
func (a *archive) set(name, text string) {
	if _, ok := a.sections[name]; !ok {
		a.names = append(a.names, name)
	}
	a.sections[name] = text
}

func (a *archive) format() []byte {
	var b bytes.Buffer
	b.WriteString(a.script)
	for _, n := range a.names {
		fmt.Fprintf(&b, "-- %s --\n%s", n, a.sections[n])
	}
	return b.Bytes()
}
