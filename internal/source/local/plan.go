package local

import (
	"errors"
	"fmt"
	"regexp"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// plan says which patchsets a push makes, parents before children.
type plan struct {
	patchsets []*newPatchset
}

// newPatchset is a change as it will be; before is the change as it is stored,
// nil for a new one.
type newPatchset struct {
	before, change *Change
	unknown        []string // Depends-On lines that name no change
}

// planner makes a plan from what is stored.
type planner struct {
	*push
	tx            *bbolt.Tx
	branch, topic string
	commits       map[string]Parent // commits of the push that are a patchset
	used          map[int]bool      // changes that a commit of the push is
	next          int               // number of the next new change
	plan          plan
}

var changeID = regexp.MustCompile(`(?m)^Change-Id:[ \t]*(I[0-9a-fA-F]{6,64})[ \t]*$`)

// limits of what a change may hold.
const (
	maxMessageBytes = 64 << 10
	maxPatchsets    = 1000
)

// plan decides what becomes of each commit. It needs the source's lock.
func (p *push) plan(branch, topic string, commits []*git.Commit) (*plan, error) {
	pl := &planner{push: p, branch: branch, topic: topic, commits: map[string]Parent{}, used: map[int]bool{}}
	err := p.source.db.View(func(tx *bbolt.Tx) error {
		pl.tx = tx
		last, _ := tx.Bucket(bucketChanges).Cursor().Last()
		pl.next = numberAt(last) + 1
		for _, c := range commits {
			if err := pl.recognise(c); err != nil {
				return err
			}
		}
		for _, c := range commits {
			if err := pl.add(c); err != nil {
				return err
			}
		}
		return nil
	})
	return &pl.plan, err
}

// recognise notes a commit that is a patchset already.
func (pl *planner) recognise(c *git.Commit) error {
	var known patchsetKey
	found, err := get(pl.tx, bucketCommits, joinKey(pl.project.Name, pl.branch, c.Hash), &known)
	if err != nil || !found {
		return err
	}
	pl.commits[c.Hash] = Parent(known)
	pl.used[known.Change] = true
	return nil
}

// add plans one commit, unless it is a patchset already.
func (pl *planner) add(c *git.Commit) error {
	if _, known := pl.commits[c.Hash]; known {
		return nil
	}
	subject := oneLine(c.Subject())
	switch {
	case subject == "":
		return refusal(source.CodeInvalid, "commit %s has no message", short(c.Hash))
	case len(c.Message) > maxMessageBytes:
		return refusal(source.CodeInvalid, "the message of commit %s has more than %d bytes", short(c.Hash), maxMessageBytes)
	}
	id, author := "", git.Email(c.Author)
	if m := changeID.FindAllStringSubmatch(c.Message, -1); m != nil {
		id = m[len(m)-1][1]
	}
	before, err := pl.continues(c, id, author, subject)
	if err != nil {
		return err
	}
	change := &Change{
		Number: pl.next, Project: pl.project.Name, Branch: pl.branch, Owner: pl.user.Name,
		Status: StatusOpen, Created: pl.source.now(),
	}
	if before != nil {
		change = before.clone()
	} else {
		pl.next++
	}
	change.ChangeID, change.Author, change.Subject = id, author, subject
	if pl.topic != "" {
		change.Topic = pl.topic
	}
	return pl.append(before, change, c)
}

// continues finds the change that a commit is a new patchset of, or nil.
func (pl *planner) continues(c *git.Commit, id, author, subject string) (*Change, error) {
	prefix := authorKey(pl.project.Name, pl.branch, author, subject)
	if id != "" {
		prefix = joinKey(indexChangeID, pl.project.Name, pl.branch, id)
	}
	for _, n := range numbersUnder(pl.tx, bucketIndex, prefix) {
		change, err := loadChange(pl.tx, n)
		switch {
		case err != nil:
			return nil, err
		case pl.used[n] && id != "":
			return nil, refusal(source.CodeConflict, "two commits of this push have Change-Id %s, that of change %d; squash them or change one", id, n)
		case pl.used[n]:
			continue
		case change.Status != StatusOpen:
			return nil, refusal(source.CodeConflict, "commit %s continues change %d, which is %s; %s", short(c.Hash), n, change.Status, remedy(change.Status))
		case len(change.Patchsets) >= maxPatchsets:
			return nil, refusal(source.CodeExhausted, "change %d has %d patchsets, which is the limit; propose a new change", n, maxPatchsets)
		}
		return change, nil
	}
	return nil, pl.twice(c, id)
}

// twice refuses a Change-Id that an earlier commit of the push introduced.
func (pl *planner) twice(c *git.Commit, id string) error {
	for _, ps := range pl.plan.patchsets {
		if id != "" && ps.change.ChangeID == id {
			return refusal(source.CodeConflict, "commits %s and %s have the same Change-Id; squash them or change one", short(ps.change.Current().Commit), short(c.Hash))
		}
	}
	return nil
}

func remedy(s Status) string {
	if s == StatusAbandoned {
		return "restore it, or remove the Change-Id line"
	}
	return "remove the Change-Id line to propose a new change"
}

// append adds the commit to the change as its newest patchset. Votes are about
// the old one and go, but a veto on the code stays until who gave it looks again.
func (pl *planner) append(before, change *Change, c *git.Commit) error {
	ps := Patchset{
		Number: len(change.Patchsets) + 1, Commit: c.Hash, Uploader: pl.user.Name,
		Created: pl.source.now(), DependsOn: parseDependsOn(c.Message), Message: c.Message,
	}
	for _, parent := range c.Parents {
		if p, ok := pl.commits[parent]; ok {
			ps.Parents = append(ps.Parents, p)
		}
	}
	change.Patchsets = append(change.Patchsets, ps)
	change.Updated = ps.Created
	var kept []scheduler.Vote
	for _, v := range change.Votes {
		if v.Label == LabelCodeReview && v.Value == -2 {
			kept = append(kept, v)
		}
	}
	change.Votes = kept
	pl.commits[c.Hash] = Parent{Change: change.Number, Patchset: ps.Number}
	pl.used[change.Number] = true
	pl.plan.patchsets = append(pl.plan.patchsets, &newPatchset{before: before, change: change, unknown: pl.unknownLinks(ps.DependsOn)})
	return nil
}

// unknownLinks are those of links that name neither a stored nor a planned change.
func (pl *planner) unknownLinks(links []string) []string {
	var unknown []string
	for _, link := range links {
		number, ours := pl.source.changeNumber(link)
		if (!ours || !pl.used[number]) && pl.source.resolve(pl.tx, link).Project == UnknownProject {
			unknown = append(unknown, link)
		}
	}
	return unknown
}

// aboutLink says what follows from a Depends-On line that names no change.
func (s *Source) aboutLink(link string) string {
	if s.elsewhere(link) {
		return fmt.Sprintf("Depends-On: %s is on another server, so that nothing here waits for it.", link)
	}
	return fmt.Sprintf("Depends-On: %s names no change that this server knows. This change can't merge before the line is corrected.", link)
}

// savePatchset writes a patchset with its index rows and its event.
func (s *Source) savePatchset(tx *bbolt.Tx, ps *newPatchset) error {
	c := ps.change
	current := c.Current()
	errs := []error{
		saveChange(tx, ps.before, c),
		put(tx, bucketCommits, joinKey(c.Project, c.Branch, current.Commit), patchsetKey{Change: c.Number, Patchset: current.Number}),
		s.saveNeeders(tx, ps),
	}
	say := func(author, text string) {
		comment := Comment{Patchset: current.Number, Author: author, Message: text, Created: current.Created}
		errs = append(errs, addComment(tx, c.Number, comment))
	}
	say(current.Uploader, fmt.Sprintf("Uploaded patchset %d.", current.Number))
	for _, link := range ps.unknown {
		say(Robot, s.aboutLink(link))
	}
	return errors.Join(append(errs, s.emit(tx, scheduler.TriggerEvent{
		Type: "patchset-created", Ref: s.ref(c, current.Number), Username: current.Uploader, NewPatchset: true,
	}))...)
}

// saveNeeders replaces the rows that lead from what a change needs to it.
func (s *Source) saveNeeders(tx *bbolt.Tx, ps *newPatchset) error {
	b := tx.Bucket(bucketNeeders)
	if ps.before != nil {
		for _, n := range s.neededNumbers(ps.before) {
			if err := b.Delete(append(numberKey(n), numberKey(ps.change.Number)...)); err != nil {
				return err
			}
		}
	}
	for _, n := range s.neededNumbers(ps.change) {
		if err := b.Put(append(numberKey(n), numberKey(ps.change.Number)...), nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *Source) neededNumbers(c *Change) []int {
	var numbers []int
	for _, p := range c.Current().Parents {
		numbers = append(numbers, p.Change)
	}
	for _, link := range c.Current().DependsOn {
		if n, ours := s.changeNumber(link); ours && n != c.Number {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func short(hash string) string { return hash[:min(len(hash), 12)] }

func isGitError(err error) bool {
	var failed *git.Error
	return errors.As(err, &failed)
}
