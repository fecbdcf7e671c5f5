package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// reportRow remembers that a report was made, and how it ended.
type reportRow struct {
	Outcome source.Outcome
	Time    time.Time
}

// reportMemory is how long the outcome of a report is remembered.
const reportMemory = 90 * 24 * time.Hour

// Report implements source.Source.
func (s *Source) Report(ctx context.Context, r source.Report) (source.Outcome, error) {
	if r.ID == "" {
		return source.Outcome{}, refusal(source.CodeInvalid, "a report needs an identifier")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	made, pending, err := s.reported(r.ID)
	switch {
	case err != nil:
		return source.Outcome{}, err
	case made != nil:
		return made.Outcome, nil
	case pending != nil:
		return s.finish(ctx, pending)
	case !r.Submit:
		return s.record(r, source.Outcome{})
	}
	moves, err := s.landing(ctx, r)
	var refused *source.Error
	var moved *movedError
	switch {
	case errors.As(err, &moved):
		return s.record(r, source.Outcome{Stale: true, Detail: moved.Error()})
	case errors.As(err, &refused):
		return s.record(r, source.Outcome{Detail: refused.Message})
	case err != nil:
		return source.Outcome{}, fmt.Errorf("land report %s: %w", r.ID, err)
	}
	return s.carryOut(ctx, &intent{ID: intentID(r.ID), Moves: moves, Report: &r})
}

func intentID(id scheduler.ReportID) string { return "report " + string(id) }

// reported looks up what is known of a report: its row, or the intent of one
// that was interrupted.
func (s *Source) reported(id scheduler.ReportID) (made *reportRow, pending *intent, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		var row reportRow
		var in intent
		if found, err := get(tx, bucketReports, []byte(id), &row); found || err != nil {
			made = &row
			return err
		}
		if found, err := get(tx, bucketIntents, []byte(intentID(id)), &in); found || err != nil {
			pending = &in
			return err
		}
		return nil
	})
	return made, pending, err
}

// record writes a report that moves nothing.
func (s *Source) record(r source.Report, out source.Outcome) (source.Outcome, error) {
	err := s.db.Update(func(tx *bbolt.Tx) error { return s.recordReport(tx, r, out) })
	return out, s.written(err, "report %s", r.ID)
}

// recordReport writes comments, votes and states, once for ever, since the
// report's row is written in the same transaction.
func (s *Source) recordReport(tx *bbolt.Tx, r source.Report, out source.Outcome) error {
	if out.Stale {
		r.Refs = nil // it is tested again: there is nothing to tell yet
	}
	for _, ref := range r.Refs {
		before, err := s.reportedChange(tx, ref)
		if err != nil {
			return err
		}
		if before == nil {
			continue
		}
		c := before.clone()
		c.Updated = s.now()
		if err := s.tell(tx, c, ref, r, out); err != nil {
			return err
		}
		if err := saveChange(tx, before, c); err != nil {
			return err
		}
	}
	return put(tx, bucketReports, []byte(r.ID), reportRow{Outcome: out, Time: s.now()})
}

// reportedChange finds the change of a ref; nil when it is none of ours.
func (s *Source) reportedChange(tx *bbolt.Tx, ref scheduler.Ref) (*Change, error) {
	if ref.Connection != s.cfg.Connection || !ref.IsChange() {
		return nil, nil
	}
	c, err := loadChange(tx, ref.Number)
	if isRefusal(err) || err == nil && c.Project != ref.Name {
		return nil, nil
	}
	return c, err
}

// tell applies a report to one change. A report on a patchset that is not the
// current one any more leaves the votes alone.
func (s *Source) tell(tx *bbolt.Tx, c *Change, ref scheduler.Ref, r source.Report, out source.Outcome) error {
	votes, text := reportVotes(r.Votes), r.Message
	for _, label := range unknownLabels(r.Votes) {
		text += fmt.Sprintf("\n\nThe label %s is not set, since this server has no such label.", label)
	}
	if c.Status != StatusOpen || ref.Patchset != c.Current().Number {
		votes = nil
	}
	given := setVotes(c, Robot, votes)
	text = strings.TrimSpace(text[:min(len(text), maxCommentBytes)])
	if r.Submit && !out.Merged {
		text += "\n\nNot merged: " + out.Detail
	}
	if text != "" || len(given) > 0 {
		if err := addComment(tx, c.Number, Comment{
			Patchset: ref.Patchset, Author: Robot, Message: strings.TrimSpace(text), Votes: given, Created: s.now(),
		}); err != nil {
			return err
		}
	}
	switch {
	case r.Submit && out.Merged && c.Status != StatusMerged:
		return s.merge(tx, c, ref)
	case len(given) > 0:
		return s.emit(tx, scheduler.TriggerEvent{
			Type: "comment-added", Ref: s.ref(c, ref.Patchset), Votes: given, Comment: text, Username: Robot,
		})
	}
	return nil
}

// merge marks a change whose commit has landed.
func (s *Source) merge(tx *bbolt.Tx, c *Change, ref scheduler.Ref) error {
	c.Status = StatusMerged
	if err := addComment(tx, c.Number, Comment{
		Patchset: ref.Patchset, Author: Robot, Message: "Merged into " + c.Branch + ".", Created: s.now(),
	}); err != nil {
		return err
	}
	return s.emit(tx, scheduler.TriggerEvent{Type: "change-merged", Ref: s.ref(c, ref.Patchset), Username: Robot})
}

// reportVotes are the votes of a report for labels that there are, by label.
func reportVotes(votes map[string]int) []scheduler.Vote {
	var out []scheduler.Vote
	for _, label := range Labels() {
		if value, ok := votes[label]; ok {
			out = append(out, scheduler.Vote{Label: label, Value: max(-2, min(value, 2))})
		}
	}
	return out
}

func unknownLabels(votes map[string]int) []string {
	var unknown []string
	for label := range votes {
		if !slices.Contains(Labels(), label) {
			unknown = append(unknown, label)
		}
	}
	slices.Sort(unknown)
	return unknown
}
