package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog/eventlogtest"
	"github.com/gozer-ci/gozer/scheduler"
)

const sector = 512

// TestPowerLoss rebuilds what a disk may hold after the power failed in the
// middle of a commit: bbolt writes pages, syncs, writes one meta page, syncs.
// Before the first sync any set of the changed sectors may be there, before
// the second all of them and the meta page or not. Each image must open, with
// the commit or without it, and go on.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	const commits, perCommit = 40, 8
	l := openNew(t)
	eventlogtest.Append(t, l, "acme", 1)
	images, failures := 0, 0
	random := rand.New(rand.NewPCG(1, 2))
	before := image(t, l)
	for i := range uint64(commits) {
		name := scheduler.TenantName("acme")
		if i%3 == 2 {
			name = scheduler.TenantName(fmt.Sprint("tenant-", i%9))
		}
		eventlogtest.Append(t, l, name, 1)
		after := image(t, l)
		for range perCommit {
			images++
			if err := tryImage(t, crash(before, after, random), before, after); err != nil {
				failures++
				t.Errorf("commit %d: %v", i, err)
			}
		}
		before = after
	}
	t.Logf("%d images, %d bad", images, failures)
}

// disk is a log's file and mark at a moment when nothing was being written.
type disk struct {
	stored
	heads map[scheduler.TenantName]uint64
}

func image(t *testing.T, l *Log) disk {
	t.Helper()
	d := disk{heads: map[scheduler.TenantName]uint64{}}
	d.stored = load(t, l.path)
	d.mark = formatMark(l.heads()) // as near as it can ever be
	for name, head := range l.heads() {
		d.heads[name] = head.Seq
	}
	return d
}

// crash returns before with some of what changed since.
func crash(before, after disk, random *rand.Rand) stored {
	data := append(bytes.Clone(before.log), make([]byte, max(0, len(after.log)-len(before.log)))...)
	synced := random.IntN(4) == 0
	for at := 2 * os.Getpagesize(); at < len(after.log); at += sector {
		if synced || random.IntN(2) == 0 {
			copy(data[at:at+sector], after.log[at:])
		}
	}
	if synced && random.IntN(2) == 0 {
		copy(data[:2*os.Getpagesize()], after.log)
	}
	return stored{data, before.mark}
}

func tryImage(t *testing.T, s stored, before, after disk) (err error) {
	l, err := Open(lay(t, s), Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	for name, last := range after.heads {
		head, err := l.Head(t.Context(), name)
		if err != nil || head.Seq < before.heads[name] || head.Seq > last {
			return fmt.Errorf("tenant %s is at %d, not between %d and %d: %w", name, head.Seq, before.heads[name], last, err)
		}
		if _, err = l.Append(t.Context(), eventlogtest.Record(name, head)); err != nil {
			return err
		}
	}
	return l.Scrub(t.Context())
}
