package app

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/gozer-ci/gozer/internal/archive"
	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// logs shows the archive to the web.
type logs struct{ store *archive.Store }

func logError(err error, subject string) error {
	if errors.Is(err, archive.ErrNotFound) {
		return &scheduler.Rejection{Code: "not_found", Message: "there is no such file in the archive", Subject: subject}
	}
	return err
}

func logEntry(e archive.Entry) web.LogEntry {
	return web.LogEntry{Path: e.Path, Dir: e.Dir, Size: e.Size, ModTime: e.ModTime, Type: e.Type}
}

func (l logs) Open(b scheduler.BuildID, name string) (web.LogFile, error) {
	f, err := l.store.Open(string(b), name)
	if err != nil {
		return web.LogFile{}, logError(err, string(b)+"/"+name)
	}
	return web.LogFile{ReadSeekCloser: f.ReadSeekCloser, LogEntry: logEntry(f.Entry)}, nil
}

func (l logs) List(b scheduler.BuildID) ([]web.LogEntry, error) {
	list, err := l.store.List(string(b))
	if err != nil {
		return nil, logError(err, string(b))
	}
	out := make([]web.LogEntry, len(list))
	for i, e := range list {
		out[i] = logEntry(e)
	}
	return out, nil
}

// consoleFile is the archived console of a build.
const consoleFile = "job-output.txt"

// consoles reads what builds print: from the archive once it is there, from
// the bus while they run.
type consoles struct{ app *App }

func (c consoles) Read(ctx context.Context, b scheduler.BuildID, offset int64, follow bool) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if f, err := c.app.archive.Open(string(b), consoleFile); err == nil {
			readArchived(f, offset, yield)
			return
		}
		c.live(ctx, b, offset, follow, yield)
	}
}

func readArchived(f *archive.File, offset int64, yield func([]byte, error) bool) {
	defer func() { _ = f.Close() }() // was only read
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		yield(nil, err)
		return
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := f.Read(buf)
		if n > 0 && !yield(buf[:n], nil) {
			return
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
	}
}

// live follows the bus; without follow it ends at what is there now. A reader
// that fell behind what the bus keeps at hand goes on where it was.
func (c consoles) live(ctx context.Context, b scheduler.BuildID, offset int64, follow bool, yield func([]byte, error) bool) {
	if !follow {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, consoleSettle)
		defer cancel()
	}
	for slow := true; slow; {
		slow = false
		for chunk, err := range c.app.bus.ReadConsole(ctx, b, offset) {
			switch {
			case err == nil:
				offset = chunk.Offset + int64(len(chunk.Data))
			case errors.Is(err, bus.ErrSlow):
				slow = true
				continue
			case !follow && ctx.Err() != nil:
				return
			}
			if !yield(chunk.Data, err) || err != nil {
				return
			}
		}
	}
}
