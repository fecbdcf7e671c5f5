package store

import (
	"fmt"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// The sentences of decisions. People read them on the page of a change, and
// `gozer change show` and the demo print them.

func because(text, reason string) string {
	if reason == "" {
		return text
	}
	return text + ": " + reason
}

func refNames(refs []scheduler.Ref) string {
	names := make([]string, 0, len(refs))
	for _, r := range refs {
		names = append(names, r.String())
	}
	return strings.Join(names, ", ")
}

func enqueuedText(p scheduler.PipelineName, ahead *itemRow, cause string) string {
	text := "Entered " + string(p)
	if ahead != nil {
		text += " behind " + refNames(ahead.Refs)
	}
	switch {
	case cause == "":
		return text
	case strings.HasPrefix(cause, "needs "):
		return text + " because it " + cause
	case strings.HasPrefix(cause, "needed by "):
		return text + " because it is " + cause
	case !strings.Contains(cause, " "): // the name of an event
		return text + " because of " + cause
	}
	return text + ": " + cause
}

// preparedText tells what an item was put on top of, and its jobs.
func preparedText(e scheduler.ItemPrepared, i, ahead *itemRow) string {
	onto := onTopOf(e.State, i, ahead)
	switch {
	case e.Conflict && onto != "":
		return because("Does not merge on top of "+onto, e.Detail)
	case e.Conflict:
		return because("Does not merge", e.Detail)
	case len(e.ConfigErrors) > 0:
		return because("Has configuration errors", strings.Join(firstLines(e.ConfigErrors), "; "))
	case onto != "":
		return "Prepared on top of " + onto + toRun(i.jobs)
	}
	return "Prepared" + toRun(i.jobs)
}

// firstLines leaves the pictures of the places out, which need lines.
func firstLines(texts []string) []string {
	out := make([]string, 0, len(texts))
	for _, t := range texts {
		first, _, _ := strings.Cut(t, "\n")
		out = append(out, first)
	}
	return out
}

// onTopOf names the nearest item ahead, whose state holds all the others, or
// else the branch; it is empty where nothing was merged.
func onTopOf(state []scheduler.RepoCommit, i, ahead *itemRow) string {
	if ahead != nil {
		return refNames(ahead.Refs)
	}
	if len(i.Refs) == 0 || !i.Refs[0].IsChange() {
		return ""
	}
	for _, s := range state {
		if s.Project == i.Refs[0].Project && s.Branch == i.Refs[0].Branch && s.Base != "" {
			return fmt.Sprintf("%s (%.8s)", s.Branch, s.Base)
		}
	}
	return i.Refs[0].Branch
}

// namedJobs is how many jobs a sentence names; of more it tells the number.
const namedJobs = 3

func toRun(jobs []jobFacts) string {
	switch {
	case len(jobs) == 0:
		return ", with no jobs to run"
	case len(jobs) > namedJobs:
		return fmt.Sprintf(" to run %d jobs", len(jobs))
	}
	names := make([]string, 0, len(jobs))
	for _, j := range jobs {
		names = append(names, string(j.name))
	}
	return " to run " + enumerate(names)
}

// enumerate writes "a", "a and b", "a, b and c".
func enumerate(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// jobFailed is the scheduler's reason that the failed jobs stand for.
const jobFailed = "at least one job failed"

func failingText(reasons []string, failed []scheduler.JobName) string {
	words := make([]string, 0, len(reasons))
	for _, r := range reasons {
		if r == jobFailed && len(failed) > 0 {
			names := make([]string, 0, len(failed))
			for _, j := range failed {
				names = append(names, string(j))
			}
			r = enumerate(names) + " failed"
		}
		words = append(words, r)
	}
	return because("Can't succeed", strings.Join(words, "; "))
}

var reportWords = map[scheduler.Action]string{
	scheduler.ActionStart:         "jobs are starting",
	scheduler.ActionSuccess:       "build succeeded",
	scheduler.ActionFailure:       "build failed",
	scheduler.ActionMergeConflict: "merge conflict",
	scheduler.ActionConfigError:   "configuration error",
	scheduler.ActionNoJobs:        "no jobs to run",
	scheduler.ActionDequeue:       "left the pipeline",
	scheduler.ActionDisabled:      "build ended while the pipeline is disabled",
}

func reportedText(e scheduler.ReportRequested) string {
	words, ok := reportWords[e.Action]
	if !ok {
		words = string(e.Action)
	}
	if e.Submit {
		words += ", merging"
	}
	return because("Reported", words)
}

func mergedText(refs []scheduler.Ref) string {
	var branches []string
	for _, r := range refs {
		branches = append(branches, r.Branch)
	}
	if len(branches) == 0 || branches[0] == "" {
		return "Merged"
	}
	for _, b := range branches {
		if b != branches[0] {
			return "Merged"
		}
	}
	return "Merged into " + branches[0]
}

var verdicts = map[scheduler.Result]string{
	scheduler.ResultSuccess:      "passed",
	scheduler.ResultFailure:      "failed",
	scheduler.ResultNoJobs:       "no jobs to run",
	scheduler.ResultMergeFailure: "did not merge",
	scheduler.ResultConfigError:  "configuration error",
}

// dequeuedText prefers the reason, unless it only repeats the result.
func dequeuedText(p scheduler.PipelineName, result scheduler.Result, reason string) string {
	verdict, ok := verdicts[result]
	if !ok {
		verdict = strings.ReplaceAll(strings.ToLower(string(result)), "_", " ")
	}
	if reason == "" || reason == "reported" || strings.HasPrefix(reason, "reported ") {
		reason = verdict
	}
	return because("Left "+string(p), reason)
}
