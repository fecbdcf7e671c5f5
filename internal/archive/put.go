package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
	"time"
)

// Summary says what Put stored.
type Summary struct {
	Files int
	Bytes int64
	// Refused lists paths that were left out, each with the reason, at most
	// 100 of them; RefusedMore counts the rest.
	Refused     []string
	RefusedMore int
}

func (s *Summary) refuse(name, why string) {
	if len(s.Refused) == 100 {
		s.RefusedMore++
		return
	}
	s.Refused = append(s.Refused, fmt.Sprintf("%.300q: %s", name, why))
}

// Put copies the files of directory dir into the store as those of build,
// replacing what was there. Links, devices, sockets and what exceeds the limits are left
// out and named in the summary; that is no error. After an error nothing of
// the build is stored. now becomes the time of storing.
func (s *Store) Put(ctx context.Context, build, dir string, now time.Time) (Summary, error) {
	final, err := place(build)
	if err != nil {
		return Summary{}, err
	}
	src, err := os.OpenRoot(dir)
	if err != nil {
		return Summary{}, fmt.Errorf("archive build %s: %w", build, err)
	}
	defer src.Close()
	sum, err := s.put(ctx, src, build, final, now)
	if err != nil {
		return sum, fmt.Errorf("archive build %s: %w", build, errors.Join(err, s.root.RemoveAll(path.Join(incoming, build))))
	}
	return sum, nil
}

func (s *Store) put(ctx context.Context, src *os.Root, build, final string, now time.Time) (Summary, error) {
	temp := path.Join(incoming, build)
	if err := errors.Join(s.root.RemoveAll(temp), s.root.MkdirAll(temp, 0o750)); err != nil {
		return Summary{}, err
	}
	dst, err := s.root.OpenRoot(temp)
	if err != nil {
		return Summary{}, err
	}
	defer dst.Close()
	c := copier{ctx: ctx, src: src, dst: dst, limits: s.limits}
	if err := c.dir(".", 0); err != nil {
		return c.sum, err
	}
	return c.sum, errors.Join(
		s.root.MkdirAll(path.Dir(final), 0o750),
		s.root.RemoveAll(final),
		s.root.Rename(temp, final),
		s.root.Chtimes(final, now, now),
	)
}

// copier copies one tree; it does not trust the source at all.
type copier struct {
	ctx      context.Context
	src, dst *os.Root
	limits   Limits
	count    int
	sum      Summary
}

// batch is how many directory entries are held in memory at a time.
const batch = 512

func (c *copier) dir(name string, depth int) error {
	f, err := c.open(name, syscall.O_DIRECTORY)
	if err != nil {
		c.sum.refuse(name, reason(err))
		return nil
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(batch)
		for _, e := range entries {
			if err := c.entry(path.Join(name, e.Name()), e.Type(), depth+1); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			c.sum.refuse(name, reason(err))
			return nil
		}
	}
}

func (c *copier) entry(name string, mode fs.FileMode, depth int) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if c.count++; c.count > c.limits.Files {
		c.sum.refuse(name, "too many files")
		return nil
	}
	switch {
	case strings.ContainsRune(name, '\\'):
		c.sum.refuse(name, "backslash in its name")
	case mode.IsDir() && depth > c.limits.Depth:
		c.sum.refuse(name, "nested too deep")
	case mode.IsDir():
		if err := c.dst.Mkdir(name, 0o750); err != nil {
			return err
		}
		return c.dir(name, depth)
	case mode.IsRegular():
		return c.file(name)
	default:
		c.sum.refuse(name, "neither a file nor a directory")
	}
	return nil
}

// file copies one file. An unreadable source is left out, a failing
// destination is an error.
func (c *copier) file(name string) error {
	in, err := c.open(name, 0)
	if err != nil {
		c.sum.refuse(name, reason(err))
		return nil
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil || !info.Mode().IsRegular() {
		c.sum.refuse(name, "not a regular file")
		return nil
	}
	if info.Size() > c.limits.Bytes-c.sum.Bytes {
		c.sum.refuse(name, "too large")
		return nil
	}
	out, err := c.dst.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(in, info.Size()))
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	c.sum.Files++
	c.sum.Bytes += n
	return c.dst.Chtimes(name, time.Time{}, info.ModTime())
}

// open opens name without following a link as its last element and without
// waiting for the other end of a named pipe.
func (c *copier) open(name string, flags int) (*os.File, error) {
	return c.src.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|flags, 0)
}

// reason is the cause of err without the path, which is named beside it.
func reason(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}
