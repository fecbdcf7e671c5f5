package local

import (
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// The labels of the server. Values reach from -2 to 2.
const (
	LabelCodeReview = "Code-Review"
	LabelVerified   = "Verified"
	LabelWorkflow   = "Workflow"
)

// Labels are all labels, in the order in which they are shown.
func Labels() []string { return []string{LabelCodeReview, LabelVerified, LabelWorkflow} }

// maxCommentBytes bounds one comment.
const maxCommentBytes = 64 << 10

// Vote sets a user's value for a label on the current patchset of an open
// change; 0 takes it back. The message becomes a comment and may be empty.
func (s *Source) Vote(user string, number int, label string, value int, message string) error {
	return s.review(user, number, []scheduler.Vote{{Label: label, Value: value}}, message)
}

// Approve votes Code-Review +2 and Workflow +1.
func (s *Source) Approve(user string, number int, message string) error {
	return s.review(user, number, []scheduler.Vote{
		{Label: LabelCodeReview, Value: 2}, {Label: LabelWorkflow, Value: 1},
	}, message)
}

// Comment adds to the conversation on a change, whatever its state.
func (s *Source) Comment(user string, number int, message string) error {
	if strings.TrimSpace(message) == "" {
		return refusal(source.CodeInvalid, "a comment needs text")
	}
	return s.review(user, number, nil, message)
}

func (s *Source) review(user string, number int, votes []scheduler.Vote, message string) error {
	if err := checkReview(user, votes, message); err != nil {
		return err
	}
	return s.alter(number, func(tx *bbolt.Tx, c *Change) error {
		if len(votes) > 0 && c.Status != StatusOpen {
			return refusal(source.CodeConflict, "change %d is %s: votes count on open changes only", number, c.Status)
		}
		return s.applyReview(tx, c, user, votes, message)
	})
}

func checkReview(user string, votes []scheduler.Vote, message string) error {
	if user == "" {
		return refusal(source.CodeUnauthenticated, "who votes or comments needs a name")
	}
	if len(message) > maxCommentBytes {
		return refusal(source.CodeInvalid, "the message has %d bytes, at most %d are accepted", len(message), maxCommentBytes)
	}
	for _, v := range votes {
		if !slices.Contains(Labels(), v.Label) {
			return refusal(source.CodeInvalid, "there is no label %q: the labels are %s", v.Label, strings.Join(Labels(), ", "))
		}
		if v.Value < -2 || v.Value > 2 {
			return refusal(source.CodeInvalid, "%s can't be %+d: values are -2 to +2", v.Label, v.Value)
		}
	}
	return nil
}

// applyReview records votes and a comment, with the event that they cause.
func (s *Source) applyReview(tx *bbolt.Tx, c *Change, user string, votes []scheduler.Vote, message string) error {
	given := setVotes(c, user, votes)
	if err := addComment(tx, c.Number, Comment{
		Patchset: c.Current().Number, Author: user, Message: message, Votes: given, Created: s.now(),
	}); err != nil {
		return err
	}
	return s.emit(tx, scheduler.TriggerEvent{
		Type: "comment-added", Ref: s.ref(c, c.Current().Number),
		Votes: given, Comment: message, Username: user,
	})
}

// setVotes replaces a user's votes and returns them as given, zeros too.
func setVotes(c *Change, user string, votes []scheduler.Vote) []scheduler.Vote {
	given := slices.Clone(votes)
	for i := range given {
		given[i].Username = user
		c.Votes = slices.DeleteFunc(c.Votes, func(v scheduler.Vote) bool {
			return v.Username == user && v.Label == given[i].Label
		})
		if given[i].Value != 0 {
			c.Votes = append(c.Votes, given[i])
		}
	}
	return given
}

// Abandon closes an open change. The message may be empty.
func (s *Source) Abandon(user string, number int, message string) error {
	return s.move(user, number, StatusOpen, StatusAbandoned, "Abandoned", message)
}

// Restore opens an abandoned change again.
func (s *Source) Restore(user string, number int, message string) error {
	return s.move(user, number, StatusAbandoned, StatusOpen, "Restored", message)
}

func (s *Source) move(user string, number int, from, to Status, word, message string) error {
	if err := checkReview(user, nil, message); err != nil {
		return err
	}
	return s.alter(number, func(tx *bbolt.Tx, c *Change) error {
		if c.Status != from {
			return refusal(source.CodeConflict, "change %d is %s, not %s", number, c.Status, from)
		}
		c.Status = to
		text := strings.TrimSpace(word + "\n\n" + message)
		if err := addComment(tx, number, Comment{
			Patchset: c.Current().Number, Author: user, Message: text, Created: s.now(),
		}); err != nil {
			return err
		}
		return s.emit(tx, scheduler.TriggerEvent{
			Type: "change-" + strings.ToLower(word), Ref: s.ref(c, c.Current().Number),
			Comment: message, Username: user, Abandoned: to == StatusAbandoned,
		})
	})
}

// alter changes one change in one transaction and then wakes the outbox.
func (s *Source) alter(number int, fn func(*bbolt.Tx, *Change) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.db.Update(func(tx *bbolt.Tx) error {
		before, err := loadChange(tx, number)
		if err != nil {
			return err
		}
		after := before.clone()
		if err := fn(tx, after); err != nil {
			return err
		}
		after.Updated = s.now()
		return saveChange(tx, before, after)
	})
	return s.written(err, "change %d", number)
}

// written ends a write: it wakes the outbox, or says what was being written
// when the error is no refusal.
func (s *Source) written(err error, format string, args ...any) error {
	if err == nil {
		s.wakeOutbox()
		return nil
	}
	if isRefusal(err) {
		return err
	}
	return fmt.Errorf("write "+format+": %w", append(args, err)...)
}
