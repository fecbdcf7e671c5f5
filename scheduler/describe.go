package scheduler

import (
	"fmt"
	"strings"
)

// Describe renders the state for people and goldens: queues, items, what they
// are based on, and their jobs.
func Describe(s *State) string {
	var b strings.Builder
	for _, p := range s.Pipelines {
		for _, q := range p.Queues {
			fmt.Fprintf(&b, "%s %s window %d\n", p.Config.Name, queueTitle(q), q.Window)
			for i, it := range q.Items {
				describeItem(&b, i, it)
			}
		}
	}
	describeControl(&b, s)
	for _, e := range s.Inbox {
		switch {
		case e.Trigger != nil:
			fmt.Fprintf(&b, "inbox trigger %s %s\n", e.Trigger.Type, e.Trigger.Ref)
		case e.Enqueue != nil:
			fmt.Fprintf(&b, "inbox enqueue %s %s\n", e.Enqueue.Pipeline, e.Enqueue.Ref)
		case e.Dequeue != nil:
			fmt.Fprintf(&b, "inbox dequeue %s %s\n", e.Dequeue.Pipeline, e.Dequeue.Ref)
		case e.Promote != nil:
			fmt.Fprintf(&b, "inbox promote %s %d\n", e.Promote.Pipeline, len(e.Promote.Refs))
		}
	}
	return b.String()
}

func queueTitle(q *Queue) string {
	name := string(q.Name)
	if name == "" {
		name = "-"
	}
	if q.Branch != "" {
		name += "@" + q.Branch
	}
	return name
}

func describeItem(b *strings.Builder, i int, it *Item) {
	ids := make([]string, len(it.Refs))
	for j, r := range it.Refs {
		ids[j] = r.ID()
	}
	fmt.Fprintf(b, "  %d %s", i, strings.Join(ids, "+"))
	if it.Ahead != nil {
		fmt.Fprintf(b, " on %s", it.Ahead.Refs[0].ID())
	}
	if !it.Live {
		b.WriteString(" non-live")
	}
	if !it.Active() {
		b.WriteString(" inactive")
	}
	if len(it.Failing) > 0 {
		fmt.Fprintf(b, " failing (%s)", strings.Join(it.Failing, "; "))
	}
	b.WriteString("\n")
	if it.Buildset == nil {
		return
	}
	for _, r := range it.Buildset.Jobs {
		word := string(r.Result())
		switch {
		case word != "":
		case r.Build == nil:
			word = "waiting"
		case r.paused():
			word = "paused"
		case r.failing():
			word = "failing"
		case r.Build.StartedAt.IsZero():
			word = "queued"
		default:
			word = "running"
		}
		fmt.Fprintf(b, "      %s %s\n", r.Job.Name, word)
	}
}

func describeControl(b *strings.Builder, s *State) {
	for _, x := range []struct {
		set  bool
		text string
	}{
		{s.Control.TriggerPaused, "triggers are paused"},
		{s.Control.TriggerDiscarding, "triggers are discarded"},
		{s.Control.ResultPaused, "results are paused"},
	} {
		if x.set {
			b.WriteString(x.text + "\n")
		}
	}
	if len(s.Results) > 0 {
		fmt.Fprintf(b, "%d results wait\n", len(s.Results))
	}
}
