package store_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/gozer-ci/gozer/internal/store"
	"pgregory.net/rapid"
)

func TestRebuildEqualsLive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		commits := newMaker(rapid.Uint64().Draw(rt, "seed"), tenant).make(rapid.IntRange(1, 40).Draw(rt, "commits"))
		live := openNumbered(t, dir, "live", n)
		defer live.Close()
		inBatches(rt, live, commits, func(int) int { return 1 })
		rebuilt := openNumbered(t, dir, "rebuilt", n)
		defer rebuilt.Close()
		inBatches(rt, rebuilt, commits, func(left int) int { return rapid.IntRange(1, left).Draw(rt, "batch") })
		if !bytes.Equal(dump(rt, live), dump(rt, rebuilt)) {
			diffs, _, err := live.Compare(context.Background(), tenant, rebuilt, 10)
			rt.Fatalf("rebuilt read models differ: %v %v", diffs, err)
		}
		if err := live.Check(context.Background(), tenant); err != nil {
			rt.Fatalf("check: %v", err)
		}
	})
}

func TestReopenContinuesExactly(t *testing.T) {
	t.Parallel()
	commits := newMaker(11, tenant).make(300)
	whole := fresh(t)
	apply(t, whole, commits...)

	path := filepath.Join(t.TempDir(), "models.db")
	for at := uint64(0); at < uint64(len(commits)); {
		s := open(t, path)
		p, err := s.Applied(tenant)
		if err != nil || p.Seq != at {
			t.Fatalf("applied after reopening: %d, %v; want %d", p.Seq, err, at)
		}
		// The commits of a crash between writing and noticing come again.
		from := max(int(at)-5, 0)
		to := min(int(at)+37, len(commits))
		apply(t, s, commits[from:to]...)
		at = uint64(to)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(dump(t, whole), dump(t, open(t, path))) {
		t.Error("rows after many reopenings differ from those of one run")
	}
}

func TestFailedApplyLeavesNothing(t *testing.T) {
	t.Parallel()
	commits := newMaker(3, tenant).make(60)
	s, twin := fresh(t), fresh(t)
	apply(t, s, commits[:20]...)
	apply(t, twin, commits[:20]...)

	gap := append(append([]store.Commit(nil), commits[20:30]...), commits[31])
	if err := s.Apply(context.Background(), gap); !errors.Is(err, store.ErrGap) {
		t.Fatalf("apply with a gap: %v", err)
	}
	if !bytes.Equal(dump(t, s), dump(t, twin)) {
		t.Fatal("a failed apply left rows behind")
	}
	apply(t, s, commits[20:]...)
	apply(t, twin, commits[20:]...)
	if !bytes.Equal(dump(t, s), dump(t, twin)) {
		t.Error("rows after a failed apply differ")
	}
	forged := commits[59]
	forged.Hash[0] ^= 1
	if err := s.Apply(context.Background(), []store.Commit{forged}); !errors.Is(err, store.ErrGap) {
		t.Errorf("commit with another hash than the applied one: %v", err)
	}
}

func TestResetStartsOver(t *testing.T) {
	t.Parallel()
	commits := newMaker(5, tenant).make(80)
	s := fresh(t)
	apply(t, s, commits...)
	before := dump(t, s)
	if err := s.Reset(tenant); err != nil {
		t.Fatal(err)
	}
	if got := dump(t, s); len(got) != 0 {
		t.Fatalf("%d bytes of rows after a reset", len(got))
	}
	apply(t, s, commits...)
	if !bytes.Equal(before, dump(t, s)) {
		t.Error("rows after a reset differ")
	}
}
