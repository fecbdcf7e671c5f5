package bolt

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog"
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

func snapshot(seq uint64) eventlog.Snapshot {
	return eventlog.Snapshot{Tenant: "acme", Seq: seq, Hash: eventlog.Hash{byte(seq)}, Version: 7, Data: bytes.Repeat([]byte{byte(seq)}, 9000)}
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "snapshots.db")
	s := openSnaps(t, path)
	for _, seq := range []uint64{100, 200, 300, 400, 500} {
		if err := s.Put(t.Context(), snapshot(seq)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSnaps(t, path)
	for atMost, want := range map[uint64]uint64{1 << 60: 500, 500: 500, 499: 400, 300: 300, 299: 0} {
		got, damages, err := s.Latest(t.Context(), "acme", atMost)
		if err != nil || len(damages) != 0 {
			t.Fatal(damages, err)
		}
		if want == 0 {
			if got != nil {
				t.Errorf("at most %d: record %d, want none", atMost, got.Seq)
			}
			continue
		}
		if full := snapshot(want); got == nil || !reflect.DeepEqual(*got, full) {
			t.Errorf("at most %d: %v, want record %d", atMost, got, want)
		}
	}
	if got, _, err := s.Latest(t.Context(), "other", 500); got != nil || err != nil {
		t.Errorf("other tenant: %v, %v", got, err)
	}
	if err := s.Put(t.Context(), eventlog.Snapshot{}); !errors.Is(err, eventlog.ErrInvalid) {
		t.Errorf("empty snapshot: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Latest(t.Context(), "acme", 1); !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestDamagedSnapshots flips bits: what comes back is a snapshot that was put,
// or none.
func TestDamagedSnapshots(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "snapshots.db")
	s := openSnaps(t, path)
	for _, seq := range []uint64{100, 200, 300} {
		if err := s.Put(t.Context(), snapshot(seq)); err != nil {
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
			if full := snapshot(got.Seq); !reflect.DeepEqual(*got, full) {
				t.Errorf("flip %d: a snapshot that was never put", i)
			}
		}
		if err := s.Put(t.Context(), snapshot(500)); err != nil {
			t.Logf("flip %d: %v", i, err)
		}
	}
	if warned == 0 {
		t.Error("no flip was told as a warning")
	}
}
