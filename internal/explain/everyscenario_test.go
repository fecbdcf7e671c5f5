package explain_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// moves are the verbs after which everybody is asked about.
var moves = map[string]bool{"settle": true, "release": true, "approve": true, "event": true, "dequeue": true, "promote": true, "withdraw": true, "patchset": true}

// TestEveryScenarioIsExplained plays the scenarios of the core and asks about
// every change, item, buildset and build on the way: whatever the core does has
// an explanation in whole sentences.
func TestEveryScenarioIsExplained(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../scheduler/testdata/gating/*.txtar")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	played := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		asked := map[string]bool{}
		_, err = schedtest.PlayScenarioWith(asking(data), false, schedtest.Verbs{"explain-all": func(w *schedtest.World, _ []string) (string, error) {
			return "", explainAll(w, asked)
		}})
		if err != nil && strings.Contains(err.Error(), "explain-all") {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
		if err == nil {
			played++
		}
	}
	if played < len(files)*2/3 { // some need what only the tests of the core bring
		t.Errorf("only %d of %d scenarios were played", played, len(files))
	}
}

// asking puts the question behind every line of the script that moves
// something.
func asking(data []byte) []byte {
	var b strings.Builder
	script := true
	for line := range strings.Lines(string(data)) {
		script = script && !strings.HasPrefix(line, "-- ")
		b.WriteString(line)
		if words := strings.Fields(line); script && len(words) > 0 && moves[words[0]] {
			b.WriteString("explain-all\n")
		}
	}
	return []byte(b.String())
}

// explainAll asks about every change, and once about everything else.
func explainAll(w *schedtest.World, asked map[string]bool) error {
	var whats []string
	for k := range w.Changes {
		whats = append(whats, strconv.Itoa(k.Number))
	}
	for _, e := range w.Events {
		id := ""
		switch e := e.(type) {
		case scheduler.ItemEnqueued:
			id = string(e.Item)
		case scheduler.PrepareRequested:
			id = string(e.Buildset)
		case scheduler.BuildRequested:
			id = string(e.Build)
		case scheduler.JobSkipped:
			id = string(e.Build)
		}
		if id != "" && !asked[id] {
			asked[id] = true
			whats = append(whats, id)
		}
	}
	commits := commitsOf(w)
	for _, what := range whats {
		doc, err := explain.Answer(explain.Question{Tenant: "tenant", What: what}, w.S, commits)
		if r, ok := err.(*scheduler.Rejection); ok && r.Code == "not_found" && len(what) < 4 { //nolint:errorlint // never wrapped
			continue // nothing was ever said of the change
		}
		if err != nil {
			return fmt.Errorf("explain %s: %w", what, err)
		}
		if err := wellSaid(doc.Text()); err != nil {
			return fmt.Errorf("explain %s: %w", what, err)
		}
	}
	return nil
}

var badlySaid = regexp.MustCompile(`%!|\.\.\s|because[:,]? *\n|because \.|: \.|  +because|\(\)|\bitem [0-9a-f]{8}\b|\bbuild [0-9a-f]{8}\b[^0-9a-f]|[A-Z][a-zA-Z]+ happened\n`)

// wellSaid finds sentences with holes.
func wellSaid(text string) error {
	if at := badlySaid.FindStringIndex(text); at != nil {
		return fmt.Errorf("%q is badly said in\n%s", text[at[0]:at[1]], text)
	}
	return nil
}
