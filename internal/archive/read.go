package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// Entry is a file or directory of a build.
type Entry struct {
	// Path inside the build, with slashes; a name for directories too.
	Path    string
	Dir     bool
	Size    int64 // bytes; 0 for directories
	ModTime time.Time
	// Type is the content type to serve the file with; empty for directories.
	Type string
}

// File is an open file of a build. The caller closes it.
type File struct {
	io.ReadSeekCloser
	Entry
}

// Open opens a file or, with an Entry that says so and no content, a
// directory of a build. Missing things, links and names that leave the build
// are all ErrNotFound.
func (s *Store) Open(build, name string) (*File, error) {
	root, err := s.build(build)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name = path.Clean(strings.TrimPrefix(name, "/"))
	info, err := lstatAll(root, name)
	if err != nil {
		return nil, notFound(build, name, err)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, notFound(build, name, err)
	}
	return &File{ReadSeekCloser: f, Entry: entry(name, info)}, nil
}

// List returns all files and directories of a build, sorted by path so that a
// directory stands before what it holds.
func (s *Store) List(build string) ([]Entry, error) {
	root, err := s.build(build)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var entries []Entry
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.IsDir() || info.Mode().IsRegular() {
			entries = append(entries, entry(name, info))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list archived build %s: %w", build, err)
	}
	return entries, nil
}

func (s *Store) build(build string) (*os.Root, error) {
	dir, err := place(build)
	if err != nil {
		return nil, err
	}
	root, err := s.root.OpenRoot(dir)
	if err != nil {
		return nil, notFound(build, "", err)
	}
	return root, nil
}

func entry(name string, info fs.FileInfo) Entry {
	e := Entry{Path: name, Dir: info.IsDir(), ModTime: info.ModTime()}
	if !e.Dir {
		e.Size, e.Type = info.Size(), ContentType(name)
	}
	return e
}

// lstatAll returns what name is when no element of it is a link.
func lstatAll(root *os.Root, name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	for i := range len(name) {
		if name[i] != '/' {
			continue
		}
		if info, err := root.Lstat(name[:i]); err != nil || !info.IsDir() {
			return nil, fs.ErrNotExist
		}
	}
	info, err := root.Lstat(name)
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist
	}
	return info, err
}

// notFound turns what a stranger's path can provoke into ErrNotFound; other
// trouble stays what it is.
func notFound(build, name string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("open %s of build %s: %w", name, build, err)
	}
	return fmt.Errorf("%.200q of build %.80q: %w", name, build, ErrNotFound)
}
