package bolt

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/eventlogtest"
)

func openSnaps(t *testing.T, path string) *Snapshots {
	t.Helper()
	s, err := OpenSnapshots(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	eventlogtest.RunSnapshots(t,
		func(t *testing.T) eventlog.Snapshots {
			return openSnaps(t, filepath.Join(t.TempDir(), "data", "snapshots.db"))
		},
		func(t *testing.T, s eventlog.Snapshots) eventlog.Snapshots {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return openSnaps(t, s.(*Snapshots).file.Name())
		})
}

// TestDamagedSnapshots flips bits: what comes back is a snapshot that was put,
// or none.
func TestDamagedSnapshots(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "snapshots.db")
	s := openSnaps(t, path)
	for _, seq := range []uint64{100, 200, 300} {
		if err := s.Put(t.Context(), eventlogtest.Snapshot(seq)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	warned := 0
	for i := range uint64(100) {
		random := rand.New(rand.NewPCG(i, 1))
		data := bytes.Clone(whole)
		data[random.IntN(len(data))] ^= 1 << random.IntN(8)
		path := filepath.Join(t.TempDir(), "snapshots.db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s := openSnaps(t, path)
		got, damages, err := s.Latest(t.Context(), "acme", 400)
		if err != nil {
			t.Fatalf("flip %d: %v", i, err)
		}
		warned += len(damages)
		if got != nil {
			if full := eventlogtest.Snapshot(got.Seq); !reflect.DeepEqual(*got, full) {
				t.Errorf("flip %d: a snapshot that was never put", i)
			}
		}
		if err := s.Put(t.Context(), eventlogtest.Snapshot(500)); err != nil {
			t.Logf("flip %d: %v", i, err)
		}
	}
	if warned == 0 {
		t.Error("no flip was told as a warning")
	}
}
