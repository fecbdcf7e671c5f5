package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// now reads what items wait for out of a state.
type now struct {
	s    *scheduler.State
	only scheduler.JobName // of the question
	// sets finds items by buildset; made when first needed.
	sets map[scheduler.BuildsetID]*scheduler.Item
}

// stamp writes a time for people.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// item says what one item waits for.
func (n *now) item(it *scheduler.Item) []string {
	out := []string{n.place(it)}
	if it.Queue.Pipeline.Disabled {
		out = append(out, fmt.Sprintf("The pipeline is disabled after %s in a row: only its reporters for that case are told of results.",
			count(it.Queue.Pipeline.Failures, "failure")))
	}
	if c := n.s.Control; c.ResultPaused {
		out = append(out, "Results of builds and merges wait"+stopped(c))
	}
	if report := n.report(it); report != "" {
		return append(out, report)
	}
	if !it.Live {
		return append(out, "It is not tested itself: it is there for "+behindNames(it)+".")
	}
	out = append(out, n.verdict(it)...)
	b := it.Buildset
	switch {
	case !n.s.LayoutCurrent() && b == nil:
		out = append(out, n.loading())
	case b == nil:
		out = append(out, n.unprepared(it))
	case !b.Prepared:
		out = append(out, "Its changes are being merged and its jobs frozen, since "+stamp(b.RequestedAt)+".")
	default:
		out = append(out, n.prepared(it)...)
	}
	return out
}

// place tells where the item stands.
func (n *now) place(it *scheduler.Item) string {
	q := it.Queue
	text := fmt.Sprintf("It is number %d of %d in pipeline %s", it.Position(), len(q.Items), q.Pipeline.Config.Name)
	if q.Name != "" && !q.Dynamic {
		text += ", queue " + string(q.Name)
		if q.Branch != "" {
			text += " of branch " + q.Branch
		}
	}
	if it.Ahead != nil {
		text += ", tested on top of " + nameRefs(it.Ahead.Refs)
	}
	text += ", since " + stamp(it.EnqueuedAt)
	if it.Resets > 0 {
		text += ", reset " + times(it.Resets)
	}
	return text + "."
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func behindNames(it *scheduler.Item) string {
	names := make([]string, len(it.Behind))
	for i, b := range it.Behind {
		names[i] = nameRefs(b.Refs)
	}
	return orElse(enumerate(names), "what is behind it")
}

// report tells of the final report that holds the item.
func (n *now) report(it *scheduler.Item) string {
	if it.Report == "" {
		return ""
	}
	for _, r := range n.s.Reports {
		if r.Report != it.Report {
			continue
		}
		text := fmt.Sprintf("Its result, %s, is being reported since %s", r.Result, stamp(r.Time))
		if r.Submit {
			text += "; the source is asked to merge it"
		}
		return text + "."
	}
	return "Its result is being reported."
}

// stopped says who stopped a queue of the tenant, and why.
func stopped(c scheduler.Control) string {
	text := " since " + stamp(c.Since) + ": " + actor(c.Actor) + " stopped them"
	if c.Reason != "" {
		text += ", because: " + clause(c.Reason)
	}
	return text + "."
}

// loading tells that events and items wait for a configuration.
func (n *now) loading() string {
	return "The tenant's configuration is being loaded; until it is, nothing new enters a pipeline."
}

// unprepared says why the item has no buildset.
func (n *now) unprepared(it *scheduler.Item) string {
	if !it.Active() {
		return fmt.Sprintf("It waits until it is inside the window: only the first %s of the queue are tested.", window(it.Queue.Window))
	}
	if a := it.Ahead; a != nil && (a.Buildset == nil || !a.Buildset.Prepared) {
		return "It waits until " + nameRefs(a.Refs) + " ahead of it is merged, since it is built on top of that."
	}
	return "It is about to be merged and its jobs frozen."
}

// prepared says how a prepared buildset goes on.
func (n *now) prepared(it *scheduler.Item) []string {
	b := it.Buildset
	var out []string
	switch {
	case b.Conflict:
		out = append(out, "It does not merge: "+orElse(clause(b.Detail), "it has a conflict")+".")
	case len(b.ConfigErrors) > 0:
		out = append(out, "Its configuration is not valid: "+strings.Join(firstLines(b.ConfigErrors), "; ")+".")
	case len(b.Jobs) == 0:
		out = append(out, "It has no jobs to run.")
	default:
		out = n.jobs(it)
	}
	if !b.Done() {
		return out
	}
	if a := it.Ahead; a != nil && a.Live {
		return append(out, "All its results are known; they are reported once "+nameRefs(a.Refs)+" ahead of it has left the queue.")
	}
	return append(out, "All its results are known and about to be reported.")
}
