package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// ErrNotFound says that a build or a file of it is not in the store.
var ErrNotFound = errors.New("not in the archive")

// Limits bound what one build may store. Zero values mean the defaults.
type Limits struct {
	// Files counts files and directories; default 100,000.
	Files int
	// Bytes is the sum of all file sizes; default 1 GiB.
	Bytes int64
	// Depth is the number of nested directories; default 64.
	Depth int
}

// withDefaults fills in what is not set.
func (l Limits) withDefaults() Limits {
	if l.Files == 0 {
		l.Files = 100_000
	}
	if l.Bytes == 0 {
		l.Bytes = 1 << 30
	}
	if l.Depth == 0 {
		l.Depth = 64
	}
	return l
}

// Store is an archive in a directory: dir/<two characters>/<build>/<files>.
// Its methods are safe for concurrent use.
type Store struct {
	root   *os.Root
	limits Limits
}

// incoming is where builds are while Put copies them.
const incoming = "incoming"

// Open opens the archive in dir, creating it when missing, and removes what
// an interrupted Put left behind. One process may have it open at a time.
func Open(dir string, limits Limits) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("create archive: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	s := &Store{root: root, limits: limits.withDefaults()}
	if err := errors.Join(root.RemoveAll(incoming), root.Mkdir(incoming, 0o750)); err != nil {
		_ = root.Close() // the error below says more
		return nil, fmt.Errorf("clean archive %s: %w", dir, err)
	}
	return s, nil
}

// Close releases the directory. Files that are open stay readable.
func (s *Store) Close() error { return s.root.Close() }

// place is the directory of a build inside the store.
func place(build string) (string, error) {
	if len(build) < 2 || len(build) > 64 {
		return "", fmt.Errorf("build %.80q: %w", build, ErrNotFound)
	}
	for _, c := range build {
		if !strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-", c) {
			return "", fmt.Errorf("build %.80q: %w", build, ErrNotFound)
		}
	}
	return path.Join(build[:2], build), nil
}

// Has reports whether files of build are stored.
func (s *Store) Has(build string) bool {
	dir, err := place(build)
	if err != nil {
		return false
	}
	info, err := s.root.Lstat(dir)
	return err == nil && info.IsDir()
}

// Delete removes all files of build. Deleting what is not there is no error.
func (s *Store) Delete(build string) error {
	dir, err := place(build)
	if err != nil {
		return nil
	}
	if err := s.root.RemoveAll(dir); err != nil {
		return fmt.Errorf("delete archived build %s: %w", build, err)
	}
	return nil
}

// Size returns the bytes that the files of build take.
func (s *Store) Size(build string) (int64, error) {
	entries, err := s.List(build)
	var sum int64
	for _, e := range entries {
		sum += e.Size
	}
	return sum, err
}

// Builds calls fn for each stored build with the time it was stored, until fn
// returns an error, which Builds returns.
func (s *Store) Builds(fn func(build string, stored time.Time) error) error {
	shards, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return fmt.Errorf("list archive: %w", err)
	}
	for _, shard := range shards {
		if !shard.IsDir() || len(shard.Name()) != 2 {
			continue
		}
		if err := s.buildsOf(shard.Name(), fn); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) buildsOf(shard string, fn func(string, time.Time) error) error {
	builds, err := fs.ReadDir(s.root.FS(), shard)
	if err != nil {
		return fmt.Errorf("list archive: %w", err)
	}
	for _, b := range builds {
		info, err := b.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return fmt.Errorf("list archive: %w", err)
		}
		if err := fn(b.Name(), info.ModTime()); err != nil {
			return err
		}
	}
	return nil
}

// Expire deletes builds that were stored before the given time, except those
// that keep wants (nil wants none), and returns how many it deleted.
func (s *Store) Expire(before time.Time, keep func(build string) bool) (int, error) {
	deleted := 0
	err := s.Builds(func(build string, stored time.Time) error {
		if !stored.Before(before) || keep != nil && keep(build) {
			return nil
		}
		deleted++
		return s.Delete(build)
	})
	return deleted, err
}
