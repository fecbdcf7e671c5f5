package scheduler

import (
	"encoding/json"
	"regexp"
)

// Pattern is a compiled regular expression of the configuration, matched at
// the start of the text (Zuul documentation, "Regular expressions"), or
// negated.
type Pattern struct {
	Text   string
	Negate bool
	re     *regexp.Regexp // anchored
	find   *regexp.Regexp // not anchored
}

// NewPattern compiles text as RE2.
func NewPattern(text string, negate bool) (Pattern, error) {
	find, err := regexp.Compile(text)
	if err != nil {
		return Pattern{}, err
	}
	re, err := regexp.Compile("^(?:" + text + ")")
	if err != nil {
		return Pattern{}, err
	}
	return Pattern{Text: text, Negate: negate, re: re, find: find}, nil
}

// UnmarshalJSON compiles a pattern that comes out of a log or snapshot.
func (p *Pattern) UnmarshalJSON(data []byte) error {
	var plain struct {
		Text   string
		Negate bool
	}
	if err := json.Unmarshal(data, &plain); err != nil {
		return err
	}
	var err error
	*p, err = NewPattern(plain.Text, plain.Negate)
	return err
}

// Match reports whether s matches p from its start.
func (p Pattern) Match(s string) bool { return p.re.MatchString(s) != p.Negate }

// Search reports whether p matches anywhere in s, as comments are matched.
func (p Pattern) Search(s string) bool { return p.find.MatchString(s) != p.Negate }

func matchAny(ps []Pattern, s string) bool {
	for _, p := range ps {
		if p.Match(s) {
			return true
		}
	}
	return false
}

// LabelVote is a label with the values that satisfy a filter.
type LabelVote struct {
	Label string
	// Values that match; empty means any value.
	Values []int
	// Username and Email restrict whose vote counts; empty patterns match all.
	Username, Email []Pattern
}

// ZuulConnection is the connection that internal events come from.
const ZuulConnection ConnectionName = "zuul"

// The internal events (Zuul documentation, "Zuul driver: trigger"): a change
// that others need was enqueued, a change of a project merged.
const (
	EventParentEnqueued = "parent-change-enqueued"
	EventProjectMerged  = "project-change-merged"
)

// EventFilter is one entry of a pipeline's trigger. Empty fields match
// everything; within a field one match is enough.
type EventFilter struct {
	Connection ConnectionName
	Types      []Pattern // event types, such as patchset-created
	Branches   []Pattern
	Refs       []Pattern
	Comments   []Pattern
	Usernames  []Pattern
	Emails     []Pattern
	// Pipelines that an internal event must come from, where Connection is
	// ZuulConnection (Zuul documentation, "Zuul driver: trigger").
	Pipelines []Pattern
	// Approvals must all be in the event.
	Approvals []LabelVote
	// RequireApprovals must all be on the change.
	RequireApprovals []LabelVote
	// IgnoreDeletes leaves out events of deleted refs.
	IgnoreDeletes bool
}

// RefFilter is one entry of a pipeline's require or reject. Nil and empty
// fields ask nothing.
type RefFilter struct {
	Connection      ConnectionName
	Open            *bool
	CurrentPatchset *bool
	// Approvals must all be on the change.
	Approvals []LabelVote
}
