package eventlogtest

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog"
)

// Snapshot returns a snapshot of tenant acme, with data made of its sequence.
func Snapshot(seq uint64) eventlog.Snapshot {
	return eventlog.Snapshot{Tenant: "acme", Seq: seq, Hash: eventlog.Hash{byte(seq)}, Version: 7, Data: bytes.Repeat([]byte{byte(seq)}, 9000)}
}

// RunSnapshots is the suite that every snapshot store must pass. Reopen closes
// a store and returns what the next process would find; a store that keeps
// nothing returns it as it is.
func RunSnapshots(t *testing.T, open func(*testing.T) eventlog.Snapshots, reopen func(*testing.T, eventlog.Snapshots) eventlog.Snapshots) {
	t.Run("put and latest", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		for _, seq := range []uint64{100, 200, 400, 300, 500, 500} {
			if err := s.Put(t.Context(), Snapshot(seq)); err != nil {
				t.Fatal(err)
			}
		}
		s = reopen(t, s)
		for atMost, want := range map[uint64]uint64{1 << 60: 500, 500: 500, 499: 400, 300: 300, 299: 0} {
			wantLatest(t, s, atMost, want)
		}
		if got, _, err := s.Latest(t.Context(), "other", 500); got != nil || err != nil {
			t.Errorf("other tenant: %v, %v", got, err)
		}
	})
	t.Run("refuse", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		if err := s.Put(t.Context(), eventlog.Snapshot{}); !errors.Is(err, eventlog.ErrInvalid) {
			t.Errorf("empty snapshot: %v", err)
		}
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Error(err)
		}
		_, _, latestErr := s.Latest(t.Context(), "acme", 1)
		if putErr := s.Put(t.Context(), Snapshot(1)); !errors.Is(putErr, eventlog.ErrClosed) || !errors.Is(latestErr, eventlog.ErrClosed) {
			t.Errorf("closed: %v, %v", putErr, latestErr)
		}
	})
	t.Run("memory is not kept", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		snap := Snapshot(100)
		if err := s.Put(t.Context(), snap); err != nil {
			t.Fatal(err)
		}
		clear(snap.Data)
		for range 2 {
			wantLatest(t, s, 100, 100)
		}
	})
}

// wantLatest checks which snapshot is the latest, 0 for none, and spoils the
// copy that it got.
func wantLatest(t *testing.T, s eventlog.Snapshots, atMost, want uint64) {
	t.Helper()
	got, damages, err := s.Latest(t.Context(), "acme", atMost)
	if err != nil || len(damages) != 0 {
		t.Fatal(damages, err)
	}
	if want == 0 {
		if got != nil {
			t.Errorf("at most %d: record %d, want none", atMost, got.Seq)
		}
		return
	}
	if got == nil || !reflect.DeepEqual(*got, Snapshot(want)) {
		t.Fatalf("at most %d: another snapshot than %d", atMost, want)
	}
	clear(got.Data)
}
