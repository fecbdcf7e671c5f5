package explain_test

import (
	"flag"
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

var update = flag.Bool("update", false, "rewrite the sections that scenarios compare with")

// TestExplanations plays the scenarios of testdata, which ask for explanations
// on the way:
//
//	explain A                    of a change
//	explain A in gate            of its items in one pipeline
//	explain A job unit           about one job
//	explain A then 12            as of commit 12
//	explain build JOB A          of the newest build of a job of a change
//	explain skipped JOB          of the newest skipped run of a job
//	explain buildset A 1         of the first buildset of a change
//	explain ref org/project@master
func TestExplanations(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out, err := schedtest.PlayScenarioWith(data, *update, schedtest.Verbs{"explain": explainVerb})
			if err != nil {
				t.Fatalf("%s: %v\nrun go test ./internal/explain -update to rewrite it", file, err)
			}
			if *update {
				err = os.WriteFile(file, out, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func explainVerb(w *schedtest.World, args []string) (string, error) {
	q, upTo, err := asked(w, args)
	if err != nil {
		return "", err
	}
	commits := commitsOf(w)
	s := w.S
	if upTo > 0 {
		commits = commits[:upTo]
		s = scheduler.NewState(w.S.Tenant)
		for _, c := range commits {
			scheduler.Fold(s, c.Events)
		}
	}
	doc, err := explain.Answer(q, s, commits)
	if err != nil {
		return "refused: " + err.Error() + "\n", nil
	}
	return mask(doc.Text()), nil
}

// asked reads the words of the verb.
func asked(w *schedtest.World, args []string) (q explain.Question, upTo int, err error) {
	q = explain.Question{Tenant: "tenant", What: args[0]}
	rest := args[1:]
	switch args[0] {
	case "build", "skipped", "buildset":
		number := ""
		if len(args) > 2 {
			number = args[2]
		}
		q.What = identifier(w, args[0], args[1], number)
		rest = nil
	case "ref":
		q.What, rest = args[1], nil
	}
	for i := 0; i+1 < len(rest); i += 2 {
		switch rest[i] {
		case "in":
			q.Pipeline = scheduler.PipelineName(rest[i+1])
		case "job":
			q.Job = scheduler.JobName(rest[i+1])
		case "then":
			if upTo, err = strconv.Atoi(rest[i+1]); err != nil {
				return q, 0, err
			}
			q.At = w.Times[upTo-1]
		default:
			return q, 0, fmt.Errorf("unknown word %q", rest[i])
		}
	}
	return q, upTo, nil
}

// identifier finds the newest thing meant, or the nth buildset of a change.
func identifier(w *schedtest.World, kind, name, change string) string {
	id := "none"
	items := map[scheduler.ItemID]bool{}
	n := 0
	for _, e := range w.Events {
		switch e := e.(type) {
		case scheduler.ItemEnqueued:
			number := change
			if kind == "buildset" {
				number = name
			}
			items[e.Item] = strconv.Itoa(e.Refs[0].Number) == number
		case scheduler.BuildRequested:
			if kind == "build" && string(e.Job) == name && items[e.Item] {
				id = string(e.Build)
			}
		case scheduler.JobSkipped:
			if kind == "skipped" && string(e.Job) == name {
				id = string(e.Build)
			}
		case scheduler.PrepareRequested:
			if kind == "buildset" && items[e.Item] {
				if n++; strconv.Itoa(n) == change {
					id = string(e.Buildset)
				}
			}
		}
	}
	return id
}

func commitsOf(w *schedtest.World) []explain.Commit {
	out := make([]explain.Commit, len(w.Commits))
	start := 0
	for i, end := range w.Commits {
		out[i] = explain.Commit{Seq: uint64(i + 1), Time: w.Times[i], Events: w.Events[start:end]}
		start = end
	}
	return out
}

var (
	ids   = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	times = regexp.MustCompile(`2026-01-01 \d\d:\d\d:\d\d UTC`)
	where = regexp.MustCompile(`\(record \d+\)`)
)

// mask takes out what any change of the core would alter.
func mask(text string) string {
	text = times.ReplaceAllString(text, "TIME")
	text = where.ReplaceAllString(text, "(record N)")
	return strings.TrimRight(ids.ReplaceAllString(text, "ID"), "\n") + "\n"
}
