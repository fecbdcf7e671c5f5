package local

import (
	"fmt"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// Status says where a change is in its life.
type Status string

// The states of a change. Only merged is final.
const (
	StatusOpen      Status = "open"
	StatusMerged    Status = "merged"
	StatusAbandoned Status = "abandoned"
)

// Change is one proposed commit under review, through all its patchsets.
type Change struct {
	// Number is unique in the source.
	Number  int
	Project string
	Branch  string
	// ChangeID is the trailer that continues the change; empty without one.
	ChangeID string
	// Author is the e-mail address of the commit's author.
	Author  string
	Subject string
	Topic   string
	// Owner pushed the first patchset.
	Owner  string
	Status Status
	// Votes on the current patchset, oldest first; no vote has value 0.
	Votes            []scheduler.Vote
	Patchsets        []Patchset // oldest first, never empty
	Created, Updated time.Time
}

// Patchset is one version of a change.
type Patchset struct {
	Number   int // 1-based
	Commit   string
	Uploader string
	Created  time.Time
	// Parents are the git parents that were open changes.
	Parents []Parent
	// DependsOn are the URLs of Depends-On lines, as written.
	DependsOn []string
	// Message is the commit message.
	Message string
}

// Parent names a patchset of another change.
type Parent struct {
	Change   int
	Patchset int
}

// Comment is one entry of a change's conversation.
type Comment struct {
	Patchset int
	Author   string
	// Message may be empty when there are votes.
	Message string
	Votes   []scheduler.Vote
	Created time.Time
}

// Current is the newest patchset.
func (c *Change) Current() Patchset { return c.Patchsets[len(c.Patchsets)-1] }

// Ref is the git ref of a patchset.
func (c *Change) Ref(patchset int) string {
	return fmt.Sprintf("refs/changes/%02d/%d/%d", c.Number%100, c.Number, patchset)
}

// URL is the page of a change.
func (s *Source) URL(number int) string {
	return s.public.String() + "/change/" + strconv.Itoa(number)
}

// patchsetKey is a row of bucketCommits.
type patchsetKey struct{ Change, Patchset int }

// loadChange reads a change inside a transaction.
func loadChange(tx *bbolt.Tx, number int) (*Change, error) {
	var c Change
	found, err := get(tx, bucketChanges, numberKey(number), &c)
	if err != nil {
		return nil, err
	}
	if !found || number <= 0 {
		return nil, refusal(source.CodeNotFound, "there is no change %d", number)
	}
	return &c, nil
}

// saveChange writes a change with its index rows; before is what is stored
// now, nil for a new change.
func saveChange(tx *bbolt.Tx, before, c *Change) error {
	index := tx.Bucket(bucketIndex)
	if before != nil {
		for _, key := range indexKeys(before) {
			if err := index.Delete(key); err != nil {
				return err
			}
		}
	}
	for _, key := range indexKeys(c) {
		if err := index.Put(key, nil); err != nil {
			return err
		}
	}
	return put(tx, bucketChanges, numberKey(c.Number), c)
}

// The kinds of index rows.
const (
	indexProject  = "project"
	indexBranch   = "branch"
	indexStatus   = "status"
	indexOwner    = "owner"
	indexChangeID = "change-id"
	indexAuthor   = "author" // open changes without a Change-Id
	indexTopic    = "topic"  // open changes with a topic
)

func indexKeys(c *Change) [][]byte {
	keys := [][]byte{
		joinKey(indexProject, c.Project),
		joinKey(indexBranch, c.Project, c.Branch),
		joinKey(indexStatus, string(c.Status)),
		joinKey(indexOwner, c.Owner),
	}
	switch {
	case c.ChangeID != "":
		keys = append(keys, joinKey(indexChangeID, c.Project, c.Branch, c.ChangeID))
	case c.Status == StatusOpen:
		keys = append(keys, authorKey(c.Project, c.Branch, c.Author, c.Subject))
	}
	if c.Topic != "" && c.Status == StatusOpen {
		keys = append(keys, joinKey(indexTopic, c.Topic))
	}
	for i := range keys {
		keys[i] = append(keys[i], numberKey(c.Number)...)
	}
	return keys
}

func authorKey(project, branch, author, subject string) []byte {
	return joinKey(indexAuthor, project, branch, author, subject)
}

// clone copies a change so that the copy can be altered.
func (c *Change) clone() *Change {
	out := *c
	out.Votes = append([]scheduler.Vote(nil), c.Votes...)
	out.Patchsets = append([]Patchset(nil), c.Patchsets...)
	return &out
}

// addComment appends to a change's conversation.
func addComment(tx *bbolt.Tx, number int, c Comment) error {
	b := tx.Bucket(bucketComments)
	seq, err := b.NextSequence()
	if err != nil {
		return err
	}
	return put(tx, bucketComments, append(numberKey(number), numberKey(int(seq))...), c)
}
