package bolt

import (
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/eventlogtest"
)

func open(t testing.TB, path string) *Log {
	t.Helper()
	l, err := Open(path, Options{Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func openNew(t testing.TB) *Log {
	return open(t, filepath.Join(t.TempDir(), "data", "log.db"))
}

func reopen(t *testing.T, l *Log) *Log {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, l.path)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	eventlogtest.Run(t, eventlogtest.Opener{
		Open:   func(t *testing.T) eventlog.Log { return openNew(t) },
		Reopen: func(t *testing.T, l eventlog.Log) eventlog.Log { return reopen(t, l.(*Log)) },
	})
}

func TestLockIsHeld(t *testing.T) {
	t.Parallel()
	l := openNew(t)
	eventlogtest.Append(t, l, "acme", 1)
	_, err := Open(l.path, Options{LockWait: time.Millisecond})
	if !errors.Is(err, eventlog.ErrLocked) || !strings.Contains(err.Error(), l.path) {
		t.Errorf("second open: %v, want locked", err)
	}
	eventlogtest.CheckAll(t, l, "acme", 1)
}

func TestScrub(t *testing.T) {
	t.Parallel()
	l := openNew(t)
	for range 3 {
		r := eventlogtest.Record("acme", eventlogtest.Append(t, l, "acme", 700))
		r.Blobs = []eventlog.Blob{{Hash: "big", Data: make([]byte, 3<<20)}, {Hash: "small", Data: []byte("s")}}
		if _, err := l.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Scrub(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	l := openNew(t)
	dir := t.TempDir()
	for i := range 2 {
		eventlogtest.Append(t, l, "acme", 50)
		if err := l.Backup(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		eventlogtest.Append(t, l, "acme", 50)
		b := open(t, filepath.Join(dir, "log.db"))
		eventlogtest.CheckAll(t, b, "acme", uint64(50+100*i))
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	eventlogtest.CheckAll(t, l, "acme", 200)
}
