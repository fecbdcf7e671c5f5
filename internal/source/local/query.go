package local

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
)

// Filter selects changes; empty fields match all.
type Filter struct {
	Project string
	// Branch needs Project.
	Branch string
	Status Status
	Owner  string
	// Before leaves out changes with this number and later ones; 0 is none.
	// The last number of a page is the Before of the next.
	Before int
	// Limit is how many to return; default and maximum 500.
	Limit int
}

const maxPage = 500

// Changes lists changes, newest first.
func (s *Source) Changes(f Filter) ([]Change, error) {
	if f.Limit <= 0 || f.Limit > maxPage {
		f.Limit = maxPage
	}
	var page []Change
	err := s.db.View(func(tx *bbolt.Tx) error {
		bucket, prefix := f.walk()
		c := tx.Bucket(bucket).Cursor()
		for k := seekBefore(c, prefix, f.Before); k != nil && len(page) < f.Limit && bytes.HasPrefix(k, prefix); k, _ = c.Prev() {
			change, err := loadChange(tx, numberAt(k))
			if err != nil {
				return err
			}
			if f.matches(change) {
				page = append(page, *change)
			}
		}
		return nil
	})
	return page, err
}

// walk chooses the rows to go through: the index that narrows most.
func (f Filter) walk() (bucket, prefix []byte) {
	switch {
	case f.Owner != "":
		return bucketIndex, joinKey(indexOwner, f.Owner)
	case f.Status == StatusOpen:
		return bucketIndex, joinKey(indexStatus, string(f.Status))
	case f.Project != "" && f.Branch != "":
		return bucketIndex, joinKey(indexBranch, f.Project, f.Branch)
	case f.Project != "":
		return bucketIndex, joinKey(indexProject, f.Project)
	case f.Status != "":
		return bucketIndex, joinKey(indexStatus, string(f.Status))
	}
	return bucketChanges, nil
}

func (f Filter) matches(c *Change) bool {
	return (f.Project == "" || f.Project == c.Project) && (f.Branch == "" || f.Branch == c.Branch) &&
		(f.Status == "" || f.Status == c.Status) && (f.Owner == "" || f.Owner == c.Owner)
}

// seekBefore moves a cursor to the last key below prefix whose number is
// smaller than before.
func seekBefore(c *bbolt.Cursor, prefix []byte, before int) []byte {
	end := append(bytes.Clone(prefix), numberKey(-1)...)
	if before > 0 {
		end = append(bytes.Clone(prefix), numberKey(before)...)
	}
	k, _ := c.Seek(end)
	if k == nil {
		k, _ = c.Last()
	}
	for k != nil && bytes.Compare(k, end) >= 0 {
		k, _ = c.Prev()
	}
	return k
}

// Change returns a change with its patchsets and votes.
func (s *Source) Change(number int) (Change, error) {
	var c *Change
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		c, err = loadChange(tx, number)
		return err
	})
	if err != nil {
		return Change{}, err
	}
	return *c, nil
}

// Comments returns the conversation on a change, oldest first.
func (s *Source) Comments(number int) ([]Comment, error) {
	var all []Comment
	err := s.db.View(func(tx *bbolt.Tx) error {
		prefix := numberKey(number)
		c := tx.Bucket(bucketComments).Cursor()
		for k, row := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, row = c.Next() {
			var comment Comment
			if err := unpack(row, &comment); err != nil {
				return fmt.Errorf("read comments of change %d: %w", number, err)
			}
			all = append(all, comment)
		}
		return nil
	})
	return all, err
}

// maxDiffBytes bounds the text of Diff.
const maxDiffBytes = 2 << 20

// Diff returns what a patchset changes against its first parent as a unified
// diff; patchset 0 is the current one. Truncated says that the text is only
// the beginning.
func (s *Source) Diff(ctx context.Context, number, patchset int) (text []byte, truncated bool, err error) {
	c, err := s.Change(number)
	if err != nil {
		return nil, false, err
	}
	if patchset == 0 {
		patchset = c.Current().Number
	}
	if patchset < 1 || patchset > len(c.Patchsets) {
		return nil, false, refusal(source.CodeNotFound, "change %d has no patchset %d", number, patchset)
	}
	dir, err := s.Repository(ctx, c.Project)
	if err != nil {
		return nil, false, err
	}
	commit, err := s.cfg.Git.Repo(dir).Commit(ctx, c.Patchsets[patchset-1].Commit)
	if err != nil {
		return nil, false, err
	}
	args := []string{"diff-tree", "-p", "-M", "--no-ext-diff", "--no-textconv"}
	if len(commit.Parents) == 0 {
		args = append(args, "--root", "--no-commit-id", commit.Hash)
	} else {
		args = append(args, commit.Parents[0], commit.Hash)
	}
	out := &capped{limit: maxDiffBytes}
	err = git.Run(ctx, git.Command{Dir: dir, Args: args, Stdout: out})
	if err != nil && !out.full {
		return nil, false, err
	}
	return out.buf.Bytes(), out.full, nil
}

// capped keeps what is written up to a limit and then ends the writer.
type capped struct {
	buf   bytes.Buffer
	limit int
	full  bool
}

func (c *capped) Write(p []byte) (int, error) {
	if room := c.limit - c.buf.Len(); len(p) > room {
		c.buf.Write(p[:room])
		c.full = true
		return room, fmt.Errorf("output exceeds %d bytes", c.limit)
	}
	return c.buf.Write(p)
}
