package scheduler

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// defaultMessages open a report when the pipeline does not say otherwise
// (Zuul documentation, "Pipeline: success-message" and the others).
var defaultMessages = map[Action]string{
	ActionSuccess:       "Build succeeded.",
	ActionFailure:       "Build failed.",
	ActionStart:         "Starting {pipeline.name} jobs.",
	ActionMergeConflict: "Merge Failed.\n\nThis change or one of the changes it depends on does not merge with the current state of its branch. Rebase it, resolve the conflicts and upload a new patchset.",
	ActionConfigError:   "The configuration that this change brings is not valid.",
	ActionDequeue:       "Build canceled.",
}

func (p *PipelineConfig) text(a Action) string {
	if m, ok := p.Messages[a]; ok {
		return m
	}
	return defaultMessages[a]
}

// message composes the text of a report about the item's buildset.
func (t *turn) message(it *Item, a Action) string {
	p := it.Queue.Pipeline.Config
	parts := []string{t.opening(it, a)}
	cycle := len(it.Refs) > 1 && (a == ActionFailure || a == ActionMergeConflict || a == ActionConfigError)
	if cycle {
		parts[0] = cycleFailed
	}
	b := it.Buildset
	switch {
	case b == nil:
	case a == ActionConfigError:
		parts = append(parts, b.ConfigErrors...)
	case a == ActionMergeConflict && b.Detail != "":
		parts = append(parts, b.Detail)
	case a == ActionSuccess || a == ActionFailure || a == ActionDequeue:
		parts = append(parts, t.jobLines(it))
	}
	if cycle {
		parts = append(parts, related(it))
	}
	if b != nil && (a == ActionSuccess || a == ActionFailure) {
		if warnings := b.warnings(); len(warnings) > 0 {
			parts = append(parts, "Warnings:\n\n"+strings.Join(warnings, "\n\n"))
		}
	}
	if b != nil && len(b.Debug) > 0 && (a == ActionSuccess || a == ActionFailure || a == ActionNoJobs) {
		parts = append(parts, "Debug information:\n\n  "+strings.Join(b.Debug, "\n  "))
	}
	return paragraphs(append(parts, t.expand(it, p.Footer)))
}

const cycleFailed = "This change is part of a dependency cycle that failed."

// related lists the changes of a cycle for those who read about one of them.
func related(it *Item) string {
	var b strings.Builder
	b.WriteString("Related changes:\n")
	for _, r := range it.Refs {
		b.WriteString("  - " + r.URL + "\n")
	}
	return b.String()
}

// note is the text of a report about an item that left for another reason than
// its jobs: the pipeline's failure text and job lines would mislead.
func (t *turn) note(it *Item, text string) string {
	return paragraphs([]string{text, t.expand(it, it.Queue.Pipeline.Config.Footer)})
}

// paragraphs joins what is not empty.
func paragraphs(parts []string) string {
	var full []string
	for _, s := range parts {
		if s = strings.TrimSpace(s); s != "" {
			full = append(full, s)
		}
	}
	return strings.Join(full, "\n\n")
}

// opening is the pipeline's own text of a phase; results are followed by the
// page that shows all about them.
func (t *turn) opening(it *Item, a Action) string {
	text := t.expand(it, it.Queue.Pipeline.Config.text(a))
	if a == ActionSuccess || a == ActionFailure {
		text += "\n" + t.itemURL(it, true)
	}
	return text
}

// expand fills the fields that Zuul offers in messages.
func (t *turn) expand(it *Item, text string) string {
	return fields{
		pipeline: it.Queue.Pipeline.Config.Name, refs: it.Refs,
		itemURL: t.itemURL(it, false), statusURL: t.s.Layout.WebRoot + "status",
	}.fill(text)
}

// itemURL is the page of an item: that of its buildset once it has ended.
func (t *turn) itemURL(it *Item, ended bool) string {
	root := t.s.Layout.WebRoot
	switch {
	case ended && it.Buildset != nil:
		return root + "buildset/" + string(it.Buildset.ID)
	case it.Refs[0].IsChange():
		return root + "status/change/" + it.Refs[0].ID()
	}
	return root + "status"
}

// jobLines lists the results, one job a line. Jobs that another one asked to
// skip are only counted: nobody is surprised by those.
func (t *turn) jobLines(it *Item) string {
	var b strings.Builder
	skipped := 0
	for _, s := range t.summaries(it) {
		r := it.Buildset.job(JobKey{s.Job, s.Ref})
		if r.Build != nil && strings.HasPrefix(r.Build.Detail, skippedByChildJobs) {
			skipped++
			continue
		}
		word := string(cmp.Or(s.Result, ResultCanceled)) // what has no result leaves without
		if s.Result == ResultSuccess && r.Job.SuccessMessage != "" {
			word = r.Job.SuccessMessage
		} else if r.failed() && r.Job.FailureMessage != "" {
			word = r.Job.FailureMessage
		}
		fmt.Fprintf(&b, "- %s %s : %s", s.Job, cmp.Or(s.URL, string(s.Job)), word)
		if r.Build != nil && r.Build.Detail != "" {
			b.WriteString(" " + r.Build.Detail)
		}
		if s.Duration > 0 {
			b.WriteString(" in " + elapsed(s.Duration))
		}
		if !s.Voting {
			b.WriteString(" (non-voting)")
		}
		b.WriteString("\n")
	}
	switch {
	case skipped == 1:
		b.WriteString("Skipped 1 job\n")
	case skipped > 1:
		fmt.Fprintf(&b, "Skipped %d jobs\n", skipped)
	}
	return b.String()
}

// elapsed writes a duration as Zuul's reports do: 1h 02m 03s.
func elapsed(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	switch {
	case s >= 3600:
		return fmt.Sprintf("%dh %02dm %02ds", s/3600, s/60%60, s%60)
	case s >= 60:
		return fmt.Sprintf("%dm %02ds", s/60, s%60)
	}
	return fmt.Sprintf("%ds", s)
}

// summaries describes the jobs of an item for people and programs.
func (t *turn) summaries(it *Item) []BuildSummary {
	if it.Buildset == nil {
		return nil
	}
	var out []BuildSummary
	for _, r := range it.Buildset.Jobs {
		s := BuildSummary{Job: r.Job.Name, Ref: r.Job.Ref, Voting: r.Job.Voting}
		if b := r.Build; b != nil {
			s.Build, s.Result, s.Duration = b.ID, b.Result, b.Duration()
			s.URL = t.s.Layout.WebRoot + "build/" + string(b.ID)
		}
		out = append(out, s)
	}
	return out
}
