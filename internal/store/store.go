package store

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// schemaVersion names the form of rows, keys and projection. A file of another
// version is made anew, never migrated.
const schemaVersion = 6

// mapBytes is the address space reserved for the file, so that readers seldom
// wait for a writer that must map a larger one.
const mapBytes = 1 << 30

// lockWait is how long Open waits for another process to let go of the file.
const lockWait = 2 * time.Second

// Options of a Store.
type Options struct {
	// Logger is told when a file is made anew. Required.
	Logger *slog.Logger
	// ReadOnly opens an existing file as it is, beside other readers, and
	// fails where it would otherwise make it anew.
	ReadOnly bool
	// NoSync leaves out syncing, for copies that are thrown away.
	NoSync bool
	// OnDamage, which may be nil, is called by reads that met a damaged row,
	// from their goroutine. The tenant is empty when it is unknown.
	OnDamage func(scheduler.TenantName, error)
}

// Store is the file of read models. All methods may be called from any
// goroutine; Apply and Reset wait for each other.
type Store struct {
	path    string
	db      *bbolt.DB
	options Options
	remade  string

	applying sync.Mutex
	tenants  map[scheduler.TenantName]*cache // guarded by applying
}

// Open opens the file at path or makes one. A file that is damaged or of
// another schema is deleted first; Remade then tells why. Errors: ErrLocked,
// and those of the file system.
func Open(path string, o Options) (*Store, error) {
	if o.ReadOnly {
		return openReadOnly(path, o)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open read models: %w", err)
	}
	_, err := os.Stat(path)
	missing := errors.Is(err, fs.ErrNotExist)
	s, err := openWhole(path, o)
	if missing || err == nil || !errors.Is(err, ErrDamaged) {
		return s, err
	}
	reason := err.Error()
	o.Logger.Warn("read models are made anew from the log", "file", path, "err", reason)
	for _, file := range []string{path, condemnedPath(path)} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("delete damaged read models: %w", err)
		}
	}
	if s, err = openFile(path, o); err != nil {
		return nil, err
	}
	s.remade = reason
	return s, nil
}

// Remade tells why Open deleted the file that was there; empty if it did not.
func (s *Store) Remade() string { return s.remade }

// condemnedPath is a file whose presence says that the store beside it must be
// made anew.
func condemnedPath(path string) string { return path + ".damaged" }

// condemn makes the next Open start with an empty file.
func (s *Store) condemn(cause error) {
	if !s.options.ReadOnly {
		_ = os.WriteFile(condemnedPath(s.path), []byte(cause.Error()+"\n"), 0o600) // it is lost with the file at worst
	}
}

// openWhole opens a file that was not condemned by an earlier process.
func openWhole(path string, o Options) (*Store, error) {
	if cause, err := os.ReadFile(condemnedPath(path)); err == nil {
		return nil, &DamageError{Where: path, Err: errors.New(strings.TrimSpace(string(cause)))}
	}
	return openFile(path, o)
}

func openReadOnly(path string, o Options) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open read models: %w", err)
	}
	return openFile(path, o)
}

func openFile(path string, o Options) (*Store, error) {
	s := &Store{path: path, options: o, tenants: map[scheduler.TenantName]*cache{}}
	err := guard(func() (err error) {
		s.db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:         lockWait,
			ReadOnly:        o.ReadOnly,
			NoSync:          o.NoSync,
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: mapBytes,
		})
		return err
	})
	if err != nil {
		return nil, openError(path, err)
	}
	if err := s.checkSchema(); err != nil {
		_ = s.db.Close() // the file is refused; its first error is told
		return nil, err
	}
	return s, nil
}

// openError tells damage from trouble of the file system.
func openError(path string, err error) error {
	var sys *fs.PathError
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("open %s: %w", path, ErrLocked)
	case errors.As(err, &sys):
		return fmt.Errorf("open read models: %w", err)
	}
	return &DamageError{Where: path, Err: err}
}

// Close waits for the transactions under way and closes the file.
func (s *Store) Close() error {
	s.applying.Lock()
	defer s.applying.Unlock()
	return guard(s.db.Close)
}
