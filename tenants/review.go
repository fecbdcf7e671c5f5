package tenants

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// reviewEvents are the events of a code-review source, Gozer's own and those
// of Zuul's Gerrit driver.
var reviewEvents = []string{
	"patchset-created", "comment-added", "change-abandoned", "change-restored", "change-merged", "ref-updated",
	"change-deleted", "draft-published", "hashtags-changed", "merge-failed", "pending-check", "private-state-changed",
	"ref-replicated", "ref-replication-done", "reviewer-added", "reviewer-deleted", "topic-changed", "vote-deleted",
	"wip-state-changed", "project-created", "batch-ref-updated",
}

// reviewLabels are the labels of the local source. Zuul compares labels
// without regard to case.
var reviewLabels = []string{"Code-Review", "Verified", "Workflow"}

func labelName(s string) string {
	for _, l := range reviewLabels {
		if strings.EqualFold(l, strings.ReplaceAll(s, " ", "-")) {
			return l
		}
	}
	return s
}

const (
	idleFilter   = "it is not compared yet"
	idleReporter = "it is not reported yet"
)

func patternColumn[T any](name string, at func(*T) *[]scheduler.Pattern) attribute[T] {
	return column(name, at, (*decoder).patterns)
}

// reviewTriggerSchema follows Zuul's manual, "Gerrit driver: trigger". The
// names with _filter are Zuul's older ones.
var reviewTriggerSchema = &schema[scheduler.EventFilter]{noun: "trigger", attrs: []attribute[scheduler.EventFilter]{
	must(column("event", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Types }, listOf((*decoder).reviewEvent))),
	patternColumn("branch", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Branches }),
	patternColumn("ref", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Refs }),
	patternColumn("comment", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Comments }),
	patternColumn("comment_filter", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Comments }),
	patternColumn("username", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Usernames }),
	patternColumn("username_filter", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Usernames }),
	patternColumn("email", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Emails }),
	patternColumn("email_filter", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Emails }),
	column("approval", func(f *scheduler.EventFilter) *[]scheduler.LabelVote { return &f.Approvals }, (*decoder).approvals),
	column("require-approval", func(f *scheduler.EventFilter) *[]scheduler.LabelVote { return &f.RequireApprovals }, (*decoder).approvals),
	column("ignore-deletes", func(f *scheduler.EventFilter) *bool { return &f.IgnoreDeletes }, (*decoder).boolean),
	idle(accepted[scheduler.EventFilter]("approval-change"), idleFilter),
	idle(accepted[scheduler.EventFilter]("reject-approval"), idleFilter),
	idle(accepted[scheduler.EventFilter]("require"), idleFilter),
	idle(accepted[scheduler.EventFilter]("reject"), idleFilter),
	idle(accepted[scheduler.EventFilter]("added"), idleFilter),
	idle(accepted[scheduler.EventFilter]("removed"), idleFilter),
	idle(accepted[scheduler.EventFilter]("uuid"), idleFilter),
	idle(accepted[scheduler.EventFilter]("scheme"), idleFilter),
	debugTrigger(),
}}

func (d *decoder) reviewTrigger(v *node) (scheduler.EventFilter, bool) {
	f := scheduler.EventFilter{IgnoreDeletes: true}
	return f, reviewTriggerSchema.decode(d, v, &f)
}

func (d *decoder) reviewEvent(v *node) (scheduler.Pattern, bool) {
	word, ok := oneOf(reviewEvents...)(d, v)
	if !ok {
		return scheduler.Pattern{}, false
	}
	return d.compile(v, regexp.QuoteMeta(word)+`\z`, false)
}

// reviewFilterSchema follows Zuul's manual, "Gerrit driver: requirements".
var reviewFilterSchema = &schema[scheduler.RefFilter]{noun: "requirement", attrs: []attribute[scheduler.RefFilter]{
	column("open", func(f *scheduler.RefFilter) **bool { return &f.Open }, (*decoder).optionalBool),
	column("current-patchset", func(f *scheduler.RefFilter) **bool { return &f.CurrentPatchset }, (*decoder).optionalBool),
	column("approval", func(f *scheduler.RefFilter) *[]scheduler.LabelVote { return &f.Approvals }, (*decoder).approvals),
	idle(accepted[scheduler.RefFilter]("wip"), idleFilter),
	idle(accepted[scheduler.RefFilter]("status"), idleFilter),
	idle(accepted[scheduler.RefFilter]("hashtags"), idleFilter),
}}

func (d *decoder) reviewFilter(v *node) (f scheduler.RefFilter, ok bool) {
	return f, reviewFilterSchema.decode(d, v, &f)
}

func (d *decoder) optionalBool(v *node) (*bool, bool) {
	b, ok := d.boolean(v)
	return &b, ok
}

// approvalForm is one entry of an approval list: who, and which votes.
type approvalForm struct {
	who   scheduler.LabelVote
	votes []scheduler.LabelVote
}

var approvalSchema = &schema[approvalForm]{
	noun: "approval",
	attrs: []attribute[approvalForm]{
		patternColumn("username", func(a *approvalForm) *[]scheduler.Pattern { return &a.who.Username }),
		patternColumn("email", func(a *approvalForm) *[]scheduler.Pattern { return &a.who.Email }),
		idle(accepted[approvalForm]("older-than"), idleFilter),
		idle(accepted[approvalForm]("newer-than"), idleFilter),
	},
	other: func(d *decoder, key, v *node, a *approvalForm) {
		if values, ok := listOf((*decoder).integer)(d, v); ok {
			a.votes = append(a.votes, scheduler.LabelVote{Label: labelName(key.text), Values: values})
		}
	},
}

func (d *decoder) approvals(v *node) ([]scheduler.LabelVote, bool) {
	lists, ok := listOf(func(d *decoder, v *node) ([]scheduler.LabelVote, bool) {
		var a approvalForm
		if !approvalSchema.decode(d, v, &a) {
			return nil, false
		}
		if len(a.votes) == 0 && len(a.who.Username)+len(a.who.Email) > 0 {
			a.votes = []scheduler.LabelVote{{}}
		}
		for i := range a.votes {
			a.votes[i].Username, a.votes[i].Email = a.who.Username, a.who.Email
		}
		return a.votes, true
	})(d, v)
	return slices.Concat(lists...), ok
}

// reviewReporterSchema follows Zuul's manual, "Gerrit driver: reporter": every
// other key is a label.
var reviewReporterSchema = &schema[scheduler.Reporter]{
	noun: "reporter",
	attrs: []attribute[scheduler.Reporter]{
		column("submit", func(r *scheduler.Reporter) *bool { return &r.Submit }, (*decoder).boolean),
		column("comment", func(r *scheduler.Reporter) *bool { return &r.Comment }, (*decoder).boolean),
		idle(accepted[scheduler.Reporter]("checks-api"), idleReporter),
		idle(accepted[scheduler.Reporter]("notify"), idleReporter),
		idle(accepted[scheduler.Reporter]("hashtags"), idleReporter),
	},
	other: func(d *decoder, key, v *node, r *scheduler.Reporter) {
		if value, ok := d.integer(v); ok {
			r.Votes[labelName(key.text)] = value
		}
	},
}

func (d *decoder) reviewReporter(v *node) (scheduler.Reporter, bool) {
	r := scheduler.Reporter{Comment: true, Votes: map[string]int{}}
	return r, reviewReporterSchema.decode(d, v, &r)
}

var natsTriggerSchema = &schema[scheduler.EventFilter]{noun: "trigger", attrs: []attribute[scheduler.EventFilter]{
	must(patternColumn("event", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Types })),
	patternColumn("branch", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Branches }),
	patternColumn("ref", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Refs }),
}}

func (d *decoder) natsTrigger(v *node) (f scheduler.EventFilter, ok bool) {
	return f, natsTriggerSchema.decode(d, v, &f)
}

// natsSubject is what a report may be published on, behind the tenant's prefix.
var natsSubject = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

var natsReporterSchema = &schema[scheduler.Reporter]{noun: "reporter", attrs: []attribute[scheduler.Reporter]{
	{name: "subject", decode: func(d *decoder, v *node, r *scheduler.Reporter) {
		switch subject, ok := d.word(v); {
		case ok && !natsSubject.MatchString(subject):
			d.report(v, CodeBadValue, "a subject is made of letters, digits, dashes and underscores, with dots between them, not %q", subject)
		case ok:
			r.Options = map[string]string{"subject": subject}
		}
	}},
}}

func (d *decoder) natsReporter(v *node) (scheduler.Reporter, bool) {
	r := scheduler.Reporter{Comment: true}
	return r, natsReporterSchema.decode(d, v, &r)
}
