package git

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// SyncCommit makes a commit durable, with all objects in which it differs from
// its first parent. Most speculative commits are thrown away, so that only
// those that land are worth the wait for the disk. The parents are the
// caller's business.
func (r Repo) SyncCommit(ctx context.Context, c *Commit) error {
	s := syncer{repo: r, dirs: map[string]bool{filepath.Join(r.Dir, "objects"): true}}
	s.object(c.Hash)
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
	// First the objects, then the directories that name them.
	return errors.Join(syncAll(s.files), syncAll(slices.Collect(maps.Keys(s.dirs))))
}

type syncer struct {
	repo  Repo
	files []string
	dirs  map[string]bool // where files are
}

// tree notes what the tree after has and the tree before has not.
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
			s.object(e.Hash)
		}
		if err != nil {
			return err
		}
	}
	s.object(after)
	return nil
}

// object notes a loose object; one that is in a pack was synced with it.
func (s *syncer) object(hash string) {
	path := filepath.Join(s.repo.Dir, "objects", hash[:2], hash[2:])
	if _, err := os.Stat(path); err == nil {
		s.files = append(s.files, path)
		s.dirs[filepath.Dir(path)] = true
	}
}

// syncsAtOnce bounds how many files are synced at once; a disk does several in
// hardly more time than one.
const syncsAtOnce = 8

func syncAll(paths []string) error {
	errs := make([]error, len(paths))
	var wg sync.WaitGroup
	slots := make(chan struct{}, syncsAtOnce)
	for i, path := range paths {
		slots <- struct{}{}
		wg.Go(func() {
			errs[i] = syncPath(path)
			<-slots
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // packed in the meantime
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
