package explain

import (
	"fmt"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// buildsetRows tell of attempts to test an item on one speculative state.
var buildsetRows = []row{
	rowOf(sayPrepareRequested),
	rowOf(sayItemPrepared),
	rowOf(sayBuildsetReset),
	rowOf(sayBuildsCanceled),
}

func sayPrepareRequested(w *who, e scheduler.PrepareRequested) Said {
	m := w.items[e.Item]
	switch {
	case e.Ahead != "":
		return sayf("A buildset began: it is merged on top of %s, and its jobs are frozen", w.item(e.Ahead))
	case e.Position == 0:
		return sayf("A buildset began: it is merged, and its jobs are frozen")
	case m != nil && len(m.refs) > 0 && !m.refs[0].IsChange():
		return sayf("A buildset began: its jobs are frozen")
	}
	return sayf("A buildset began: it is merged on top of the branch, and its jobs are frozen")
}

func sayItemPrepared(w *who, e scheduler.ItemPrepared) Said {
	switch {
	case e.Conflict:
		return sayf("It can't be merged").because(orElse(e.Detail, "it has a merge conflict"))
	case len(e.ConfigErrors) > 0:
		return sayf("Its configuration is not valid").because(strings.Join(firstLines(e.ConfigErrors), "; "))
	case w.items[e.Item] != nil && !w.items[e.Item].live:
		return sayf("It is merged, for what needs it")
	case e.Graph == nil || len(e.Graph.Jobs) == 0:
		return sayf("It is prepared and has no jobs to run").because(orElse(leftOut(w.refs(e.Item), e.Left), noJobs(e)))
	}
	refs := w.refs(e.Item)
	names := make([]string, len(e.Graph.Jobs))
	for i := range e.Graph.Jobs {
		names[i] = jobName(refs, e.Graph.Jobs[i].Key())
	}
	text := "It is prepared; its graph of jobs has " + enumerate(names)
	if left := leftOut(refs, e.Left); left != "" {
		text += "; left out: " + left
	}
	return sayf("%s", text)
}

// leftOut names the jobs that do not run, with the reasons.
func leftOut(refs []scheduler.Ref, left []scheduler.LeftJob) string {
	out := make([]string, len(left))
	for i, l := range left {
		out[i] = jobName(refs, scheduler.JobKey{Name: l.Job, Ref: l.Ref}) + " (" + l.Why + ")"
	}
	return enumerate(out)
}

func noJobs(e scheduler.ItemPrepared) string {
	if e.InPipeline {
		return "no job of its projects matches in this pipeline"
	}
	return "its projects have no jobs in this pipeline"
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// firstLines leaves the pictures of the places out, which need lines.
func firstLines(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i], _, _ = strings.Cut(t, "\n")
	}
	return out
}

func sayBuildsetReset(w *who, e scheduler.BuildsetReset) Said {
	text := "It was reset: its buildset is thrown away"
	if len(e.Canceled) > 0 {
		text += fmt.Sprintf(", %s cancelled", w.buildNames(e.Canceled))
	}
	return Said{Text: text, Cause: blamed(e.Reason, e.Blame)}
}

func sayBuildsCanceled(w *who, e scheduler.BuildsCanceled) Said {
	return sayf("Cancelled: %s", w.buildNames(e.Canceled)).because(blamed(e.Reason, e.Blame))
}
