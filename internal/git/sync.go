package git

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// SyncCommit makes a commit durable, with all objects in which it differs from
// its first parent. Most speculative commits are thrown away, so that only
// those that land are worth the wait for the disk. The parents are the
// caller's business.
func (r Repo) SyncCommit(ctx context.Context, c *Commit) error {
	s := syncer{repo: r, dirs: map[string]bool{}}
	if err := s.file(c.Hash); err != nil {
		return err
	}
	before := ""
	if len(c.Parents) > 0 {
		parent, err := r.Commit(ctx, c.Parents[0])
		if err != nil {
			return err
		}
		before = parent.Tree
	}
	if err := s.tree(ctx, before, c.Tree); err != nil {
		return err
	}
	return s.directories()
}

type syncer struct {
	repo Repo
	dirs map[string]bool // directories whose entries are to be synced
}

// tree syncs what the tree after has and the tree before has not.
func (s *syncer) tree(ctx context.Context, before, after string) error {
	if before == after {
		return nil
	}
	known := map[string]TreeEntry{}
	if before != "" {
		entries, err := s.repo.Tree(ctx, before)
		if err != nil {
			return err
		}
		for _, e := range entries {
			known[e.Name] = e
		}
	}
	entries, err := s.repo.Tree(ctx, after)
	if err != nil {
		return err
	}
	for _, e := range entries {
		old := known[e.Name]
		switch {
		case e == old || e.Mode == "160000":
			continue
		case e.IsDir() && old.IsDir():
			err = s.tree(ctx, old.Hash, e.Hash)
		case e.IsDir():
			err = s.tree(ctx, "", e.Hash)
		default:
			err = s.file(e.Hash)
		}
		if err != nil {
			return err
		}
	}
	return s.file(after)
}

// file syncs a loose object; one that is in a pack was synced with it.
func (s *syncer) file(hash string) error {
	path := filepath.Join(s.repo.Dir, "objects", hash[:2], hash[2:])
	err := syncPath(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s.dirs[filepath.Dir(path)] = true
	return err
}

func (s *syncer) directories() error {
	s.dirs[filepath.Join(s.repo.Dir, "objects")] = true
	for dir := range s.dirs {
		if err := syncPath(dir); err != nil {
			return err
		}
	}
	return nil
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
