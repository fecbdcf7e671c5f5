package scheduler

import (
	"fmt"
	"strings"
)

// What a change lacks, in words, for events that say that it lacks something.

// Reasons of refusals that do not say what is missing.
const (
	refusedFilter = "a requirement of the pipeline is not met by "
	refusedMerge  = " can't be merged yet"
)

// lacks says what keeps the refs of an enqueueing out, where the reason is
// silent about it. Without a reason something needed could not be put ahead.
func (t *turn) lacks(p *Pipeline, e enqueueing, reason string) string {
	refs := e.refs
	if len(refs) == 0 {
		refs = []Ref{e.ref}
	}
	var out []string
	for _, r := range refs {
		switch {
		case strings.HasPrefix(reason, refusedFilter):
			out = append(out, t.unmetFilters(p.Config, r)...)
		case strings.HasSuffix(reason, refusedMerge):
			out = append(out, t.unmergeable(p, r)...)
		case reason == "":
			out = append(out, t.unmergeableNeeds(p, r)...)
		}
	}
	return strings.Join(out, "; ")
}

// unmergeableNeeds lists what a change needs and can't be merged.
func (t *turn) unmergeableNeeds(p *Pipeline, r Ref) []string {
	var out []string
	for _, n := range t.needs(p, r.Key()) {
		if c := t.s.Changes[n.Change]; c != nil {
			out = append(out, t.unmergeable(p, c.Ref)...)
		}
	}
	return out
}

// unmetFilters lists the requirements of the pipeline that a ref fails.
func (t *turn) unmetFilters(p *PipelineConfig, r Ref) []string {
	var out []string
	for i := range p.Require {
		if f := &p.Require[i]; f.Connection == r.Connection && !t.filterMatches(f, r) {
			out = append(out, r.String()+" must be "+f.words())
		}
	}
	for i := range p.Reject {
		if f := &p.Reject[i]; f.Connection == r.Connection && t.filterMatches(f, r) {
			out = append(out, r.String()+" must not be "+f.words())
		}
	}
	return out
}

// words describes what a filter matches.
func (f *RefFilter) words() string {
	var out []string
	flag := func(b *bool, yes, no string) {
		if b != nil && *b {
			out = append(out, yes)
		} else if b != nil {
			out = append(out, no)
		}
	}
	flag(f.Open, "open", "closed")
	flag(f.CurrentPatchset, "at its current patchset", "at an old patchset")
	for _, v := range f.Approvals {
		out = append(out, "voted "+v.words())
	}
	if len(out) == 0 {
		return "as the pipeline asks"
	}
	return strings.Join(out, ", ")
}

func (l *LabelVote) words() string {
	text := l.Label
	for i, v := range l.Values {
		if i > 0 {
			text += " or"
		}
		text += fmt.Sprintf(" %+d", v)
	}
	for _, p := range append(append([]Pattern(nil), l.Username...), l.Email...) {
		text += " by " + p.Text
	}
	return text
}

// unmergeable says why the source would not merge a change for the pipeline.
func (t *turn) unmergeable(p *Pipeline, r Ref) []string {
	if t.mergeable(p, r) {
		return nil
	}
	c := t.s.Changes[r.Key()]
	switch {
	case c == nil:
		return []string{"nothing is known about " + r.String()}
	case c.Merged:
		return []string{r.String() + " has merged"}
	case !c.Open:
		return []string{r.String() + " is not open"}
	case c.Patchset != r.Patchset:
		return []string{fmt.Sprintf("%s has the newer patchset %d", r, c.Patchset)}
	case c.Blocked:
		return []string{r.String() + " is vetoed"}
	}
	var missing []string
	for _, label := range c.MissingLabels {
		if !p.Config.sets(label) {
			missing = append(missing, label)
		}
	}
	return []string{r.String() + " lacks " + strings.Join(missing, ", ")}
}

// unmergeableNow lists what keeps an item's changes from merging.
func (t *turn) unmergeableNow(it *Item) string {
	if !it.Queue.Pipeline.Config.merges() {
		return ""
	}
	var out []string
	for _, r := range it.Refs {
		if r.IsChange() {
			out = append(out, t.unmergeable(it.Queue.Pipeline, r)...)
		}
	}
	return strings.Join(out, "; ")
}
