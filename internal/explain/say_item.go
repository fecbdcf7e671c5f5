package explain

import (
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// itemRows tell of an item's way through its queue.
var itemRows = []row{
	rowOf(sayItemEnqueued),
	rowOf(sayItemMoved),
	rowOf(sayItemFailing),
	rowOf(sayItemDequeued),
}

func sayItemEnqueued(w *who, e scheduler.ItemEnqueued) Said {
	text := nameRefs(e.Refs) + " entered " + string(e.Pipeline)
	if e.Ahead != "" {
		text += " behind " + w.item(e.Ahead)
	}
	if !e.Live {
		text += ", not to be tested itself"
	}
	return Said{Text: text, Cause: entryCause(e.Cause)}
}

// entryCause makes a clause of what the core noted: the name of an event, or
// words.
func entryCause(cause string) string {
	switch {
	case cause == "":
		return ""
	case strings.HasPrefix(cause, "needs "):
		return "it " + cause
	case strings.HasPrefix(cause, "needed by "):
		return "it is " + cause
	case !strings.Contains(cause, " "):
		return "event " + cause
	}
	return cause
}

func sayItemMoved(w *who, e scheduler.ItemMoved) Said {
	if e.Ahead == "" {
		return sayf("It builds on the branch alone now, with nothing ahead").because(blamed(e.Reason, e.Blame))
	}
	return sayf("It builds on %s now", w.item(e.Ahead)).because(blamed(e.Reason, e.Blame))
}

// jobFailed is the core's reason that the failed jobs stand for.
const jobFailed = "at least one job failed"

func sayItemFailing(w *who, e scheduler.ItemFailing) Said {
	if len(e.Reasons) == 0 {
		return sayf("It can succeed again")
	}
	reasons := strings.Join(failing(e.Reasons, w.items[e.Item].failed()), "; ")
	return sayf("It can't succeed any more").because(blamed(reasons, e.Blame))
}

// blamed adds who is to blame, and why, to the core's reason.
func blamed(reason string, b scheduler.Blame) string {
	switch {
	case b.Item == "" || b.Why == "":
		return reason
	case reason == "":
		return b.Name + ": " + clause(b.Why)
	case strings.Contains(reason, "ahead of it"):
		return reason + ": " + clause(b.Why)
	}
	return reason + ": " + b.Name + ", since " + clause(b.Why)
}

// failing names the failed jobs where the core's reason does not.
func failing(reasons, failed []string) []string {
	out := make([]string, len(reasons))
	for i, r := range reasons {
		if r == jobFailed && len(failed) > 0 {
			r = enumerate(failed)
		}
		out[i] = r
	}
	return out
}

// verdicts are the results of items in words.
var verdicts = map[scheduler.Result]string{
	scheduler.ResultSuccess:       "it succeeded",
	scheduler.ResultFailure:       "it failed",
	scheduler.ResultMergeConflict: "it has a merge conflict",
	scheduler.ResultMergeFailure:  "the source did not merge it",
	scheduler.ResultConfigError:   "it has configuration errors",
	scheduler.ResultNoJobs:        "it has no jobs to run",
	scheduler.ResultDequeued:      "it was taken out",
}

func sayItemDequeued(w *who, e scheduler.ItemDequeued) Said {
	text := "It left " + string(e.Pipeline)
	if len(e.Canceled) > 0 {
		text += "; " + w.buildNames(e.Canceled) + " cancelled"
	}
	return Said{Text: text, Cause: leftCause(e)}
}

// leftCause prefers the reason, unless it only repeats the result.
func leftCause(e scheduler.ItemDequeued) string {
	if e.Detail != "" {
		e.Reason = clause(e.Reason) + ": " + e.Detail
	}
	verdict := verdicts[e.Result]
	if verdict == "" {
		verdict = "it ended with " + string(e.Result)
	}
	switch {
	case e.Reason == "" || strings.HasPrefix(e.Reason, "reported"):
		return verdict
	case e.Result == scheduler.ResultDequeued || e.Result == scheduler.ResultMergeFailure:
		return clause(e.Reason)
	case e.Reason == "merged":
		return "it merged"
	}
	return verdict + ": " + clause(e.Reason)
}

// clause makes one line of a message, without the full stop.
func clause(text string) string {
	return strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
}
