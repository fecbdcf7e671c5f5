package store_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

const tenant scheduler.TenantName = "acme"

// fatals is what tests, benchmarks and properties have in common.
type fatals interface {
	Helper()
	Fatalf(format string, args ...any)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path, store.Options{Logger: quiet(), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // closed already by tests that reopen
	return s
}

func fresh(t testing.TB) *store.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "models.db"))
}

func apply(t fatals, s *store.Store, commits ...store.Commit) {
	t.Helper()
	if err := s.Apply(context.Background(), commits); err != nil {
		t.Fatalf("apply: %v", err)
	}
}

func dump(t fatals, s *store.Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Dump(context.Background(), tenant, &b); err != nil {
		t.Fatalf("dump: %v", err)
	}
	return b.Bytes()
}

// inBatches applies commits in transactions of random sizes.
func inBatches(t fatals, s *store.Store, commits []store.Commit, size func(left int) int) {
	t.Helper()
	for len(commits) > 0 {
		n := min(max(size(len(commits)), 1), len(commits))
		apply(t, s, commits[:n]...)
		commits = commits[n:]
	}
}

// openNumbered opens a new file in dir; the caller closes it.
func openNumbered(t testing.TB, dir, name string, n int) *store.Store {
	t.Helper()
	path := filepath.Join(dir, fmt.Sprintf("%s-%d.db", name, n))
	s, err := store.Open(path, store.Options{Logger: quiet(), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
