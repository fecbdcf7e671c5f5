package explain

import (
	"fmt"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// jobs says how each job of an item is. What keeps all of them from starting
// is said once.
func (n *now) jobs(it *scheduler.Item) []string {
	var out []string
	waiting := false
	for _, r := range it.Buildset.Jobs {
		waiting = waiting || r.Build == nil
	}
	held := ""
	if waiting {
		held = n.held(it)
	}
	if held != "" {
		out = append(out, held)
	}
	for _, r := range it.Buildset.Jobs {
		if n.only == "" || n.only == r.Job.Name {
			out = append(out, n.job(it, r, held != ""))
		}
	}
	return out
}

// held says what keeps the item from starting any job.
func (n *now) held(it *scheduler.Item) string {
	if !it.Active() {
		return fmt.Sprintf("No further job starts while it is outside of the window: only the first %s of the queue are tested.", window(it.Queue.Window))
	}
	if by, r := it.HeldBy(); r != nil {
		return fmt.Sprintf("No further job starts before %s of %s ahead of it has succeeded, since that job holds following changes.",
			jobName(by.Refs, r.Job.Key()), nameRefs(by.Refs))
	}
	return ""
}

// job says how one job is; held that the item starts none.
func (n *now) job(it *scheduler.Item, r *scheduler.JobRun, held bool) string {
	name := jobName(it.Refs, r.Job.Key())
	if !r.Job.Voting {
		name += " (non-voting)"
	}
	b := r.Build
	switch {
	case r.Done() && b.Result == scheduler.ResultSkipped:
		return fmt.Sprintf("%s was skipped: %s.", name, clause(strings.TrimPrefix(b.Detail, "Skipped due to ")))
	case r.Done() && b.Detail != "":
		return fmt.Sprintf("%s ended with %s: %s.", name, b.Result, clause(b.Detail))
	case r.Done():
		return fmt.Sprintf("%s ended with %s.", name, b.Result)
	case b == nil:
		return fmt.Sprintf("%s waits%s.", name, n.why(it, r, held))
	case b.Paused():
		return fmt.Sprintf("%s has paused since %s and goes on when the jobs that depend on it have ended.", name, stamp(b.PausedAt))
	case b.Failing:
		return fmt.Sprintf("%s runs on executor %s since %s and will fail.", name, b.Executor, stamp(b.StartedAt))
	case b.StartedAt.IsZero():
		return fmt.Sprintf("%s waits for an executor since %s%s.", name, stamp(b.RequestedAt), again(b))
	}
	return fmt.Sprintf("%s runs on executor %s since %s%s.", name, b.Executor, stamp(b.StartedAt), again(b))
}

func again(b *scheduler.Build) string {
	if b.Attempt < 2 {
		return ""
	}
	return fmt.Sprintf(", attempt %d", b.Attempt)
}

// why says what a job without a build waits for.
func (n *now) why(it *scheduler.Item, r *scheduler.JobRun, held bool) string {
	var open []string
	for _, d := range r.Job.Dependencies {
		if x := it.Buildset.Job(d.Key()); x != nil && !x.Done() && !(x.Build != nil && x.Build.Paused()) {
			open = append(open, jobName(it.Refs, d.Key()))
		}
	}
	if len(open) > 0 {
		return " for " + enumerate(open) + ", which it depends on"
	}
	if held {
		return ""
	}
	if text := n.required(it, r); text != "" {
		return text
	}
	if text := n.resources(r); text != "" {
		return text
	}
	if text := n.s.WaitingStatus(r, it.Buildset); text != "" {
		return " for " + text
	}
	return " to be requested"
}

// required says who has not yet provided what the job requires.
func (n *now) required(it *scheduler.Item, r *scheduler.JobRun) string {
	of, by := n.s.Awaited(r, it.Buildset)
	switch names := strings.Join(r.Job.Requires, ", "); {
	case of == nil:
		return ""
	case by != nil:
		return fmt.Sprintf(" for %s, which %s of %s provides", names, jobName(of.Refs, by.Job.Key()), nameRefs(of.Refs))
	default:
		return fmt.Sprintf(" for %s, until it is known what %s provides", names, nameRefs(of.Refs))
	}
}
