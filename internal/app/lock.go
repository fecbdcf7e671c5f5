package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lockFile keeps a second process out of a data directory. The kernel drops
// the lock with the process, so nothing is left to clean up after a kill.
type lockFile struct{ f *os.File }

// InUseError says that another process has the data directory.
type InUseError struct {
	Dir     string
	Process string
	// URL is where that process serves its API on this machine; empty if it
	// does not.
	URL string
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("data directory %s is in use by another gozer (process %s); stop it, or choose another with --data", e.Dir, e.Process)
}

// lockData takes the data directory for this process, making it if needed.
func lockData(ctx context.Context, dir string) (*lockFile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	if err := takeLock(ctx, f); err != nil {
		holder, _ := os.ReadFile(path) // only makes the message better
		process, rest, _ := strings.Cut(string(holder), "\n")
		return nil, errors.Join(&InUseError{Dir: dir, Process: process, URL: strings.TrimSpace(rest)}, f.Close())
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(fmt.Errorf("lock data directory: %w", err), f.Close())
	}
	if _, err := fmt.Fprintf(f, "%d\n", os.Getpid()); err != nil {
		return nil, errors.Join(fmt.Errorf("lock data directory: %w", err), f.Close())
	}
	return &lockFile{f: f}, nil
}

// announce tells who meets the lock where this process serves.
func (l *lockFile) announce(url string) error {
	if _, err := fmt.Fprintf(l.f, "%s\n", url); err != nil {
		return fmt.Errorf("write lock of data directory: %w", err)
	}
	return nil
}

// lockPatience is how long the lock of a dead process is waited for.
const lockPatience = 5 * time.Second

// takeLock locks f. A process that is killed while it starts another leaves
// the lock to that one until it runs its own program, so the lock of a process
// that is gone is free in a moment.
func takeLock(ctx context.Context, f *os.File) error {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil || holderLives(f) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// holderLives reports whether the process that wrote its id into f is there.
func holderLives(f *os.File) bool {
	text := make([]byte, 32)
	n, _ := f.ReadAt(text, 0) // it ends before
	first, _, _ := strings.Cut(string(text[:n]), "\n")
	pid, err := strconv.Atoi(first)
	return err == nil && syscall.Kill(pid, 0) != syscall.ESRCH
}

// Close frees the directory. A process that is just being started has the file
// open as well for a moment, so that closing it is not enough.
func (l *lockFile) Close() error {
	return errors.Join(syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN), l.f.Close())
}
