package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/eventlogtest"
	"github.com/gozer-ci/gozer/scheduler"
)

// stored is a closed log's two files.
type stored struct{ log, mark []byte }

// store makes a log of two tenants and n records each, some with blobs, and
// returns its files.
func store(t *testing.T, n int) stored {
	t.Helper()
	l := openNew(t)
	for _, name := range []scheduler.TenantName{"acme", "other"} {
		for i := range n {
			head, err := l.Head(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			r := eventlogtest.Record(name, head)
			if i%10 == 0 {
				r.Blobs = []eventlog.Blob{{Hash: scheduler.Hash(fmt.Sprint("blob", i%50)), Data: bytes.Repeat([]byte("b"), 700)}}
			}
			if _, err := l.Append(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return load(t, l.path)
}

func load(t *testing.T, path string) stored {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mark, err := os.ReadFile(markPath(path))
	if err != nil {
		t.Fatal(err)
	}
	newest, err := readMetas(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return stored{log: data[:newest.pages*newest.pageSize], mark: mark}
}

// lay writes a log's files to a new directory. Nil files are left out.
func lay(t *testing.T, s stored) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log.db")
	for name, data := range map[string][]byte{path: s.log, markPath(path): s.mark} {
		if data == nil {
			continue
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// wantDamage checks that a log is refused with a message that helps.
func wantDamage(t *testing.T, err error, texts ...string) {
	t.Helper()
	if !errors.Is(err, eventlog.ErrDamaged) {
		t.Errorf("got %v, want damage", err)
		return
	}
	for _, text := range append(texts, "stop the server, copy log.db and log.mark back", "gozer admin verify-log --data /") {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q lacks %q", err, text)
		}
	}
}

// wantRefused opens a log that must be refused.
func wantRefused(t *testing.T, s stored, texts ...string) {
	t.Helper()
	l, err := Open(lay(t, s), Options{})
	if err == nil {
		_ = l.Close()
	}
	wantDamage(t, err, texts...)
}

func TestShrunkenLogIsRefused(t *testing.T) {
	t.Parallel()
	old, whole := store(t, 40), store(t, 60)
	pageSize := os.Getpagesize()
	metas := 2 * pageSize
	newest := func(data []byte) int { // offset of the newer meta page
		a, errA := readMeta(bytes.NewReader(data), 0)
		b, errB := readMeta(bytes.NewReader(data), int64(pageSize))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.txid > b.txid {
			return 0
		}
		return pageSize
	}
	wiped := func(from, to int) []byte {
		data := bytes.Clone(whole.log)
		clear(data[from:to])
		return data
	}
	at := newest(whole.log)
	for name, tc := range map[string]struct {
		files stored
		texts []string
	}{
		"older copy":         {stored{old.log, whole.mark}, []string{"tenant acme, record 41", "ends at record 40 and had come to 60"}},
		"deleted":            {stored{nil, whole.mark}, []string{"tenant acme, record 1", "the file is empty and the mark is at record 60"}},
		"emptied":            {stored{[]byte{}, whole.mark}, []string{"the file is empty and the mark is at record 60"}},
		"mark deleted":       {stored{whole.log, nil}, []string{"log.mark is missing"}},
		"mark flipped":       {stored{whole.log, bytes.Replace(whole.mark, []byte("60"), []byte("50"), 1)}, []string{"log.mark can't be read", "checksum"}},
		"mark emptied":       {stored{whole.log, []byte{}}, []string{"log.mark can't be read"}},
		"cut in half":        {stored{whole.log[:len(whole.log)/2], whole.mark}, []string{"it was cut off"}},
		"cut by a byte":      {stored{whole.log[:len(whole.log)-1], whole.mark}, []string{"it was cut off"}},
		"cut to the metas":   {stored{whole.log[:metas], whole.mark}, []string{"it was cut off"}},
		"cut in a meta":      {stored{whole.log[:pageSize+10], whole.mark}, []string{"can't be read"}},
		"newest meta wiped":  {stored{wiped(at, at+pageSize), whole.mark}, []string{"not a bbolt meta page"}},
		"older meta wiped":   {stored{wiped(pageSize-at, 2*pageSize-at), whole.mark}, []string{"not a bbolt meta page"}},
		"both metas wiped":   {stored{wiped(0, metas), whole.mark}, []string{"not a bbolt meta page"}},
		"zeroed tail":        {stored{wiped(len(whole.log)-8*pageSize, len(whole.log)), whole.mark}, nil},
		"zeroed all but it":  {stored{wiped(metas, len(whole.log)), whole.mark}, nil},
		"not a log":          {stored{bytes.Repeat([]byte("log\n"), 10000), whole.mark}, []string{"not a bbolt meta page"}},
		"one tenant is gone": {stored{whole.log, formatMark(map[scheduler.TenantName]eventlog.Head{"lost": {Seq: 3}})}, []string{"tenant lost, record 1", "the tenant is gone"}},
		"another history":    {stored{whole.log, formatMark(map[scheduler.TenantName]eventlog.Head{"acme": {Seq: 30, Hash: eventlog.Hash{1}}})}, []string{"tenant acme, record 30", "this is another log"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, tc.files, tc.texts...)
		})
	}
}

// change opens a log's file with bbolt and damages it as a program would.
func change(t *testing.T, s stored, fn func(*bbolt.Tx) error) stored {
	t.Helper()
	path := lay(t, s)
	db, err := bbolt.Open(path, 0o600, nil)
	if err == nil {
		err = db.Update(fn)
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return stored{load(t, path).log, s.mark}
}

// TestDamageInOldRecords damages what opening does not read: the scrub and
// every reader must find it.
func TestDamageInOldRecords(t *testing.T) {
	t.Parallel()
	whole := store(t, 60)
	record := func(seq uint64, fn func(b *bbolt.Bucket, key, value []byte) error) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			b := recordsOf(tx, "acme")
			return fn(b, keyOf(seq), bytes.Clone(b.Get(keyOf(seq))))
		}
	}
	for name, tc := range map[string]struct {
		change func(*bbolt.Tx) error
		texts  []string
	}{
		"record gone": {record(20, func(b *bbolt.Bucket, k, _ []byte) error { return b.Delete(k) }),
			[]string{"tenant acme, record 20", "it is missing; the next one is 21"}},
		"bit in a record": {record(20, func(b *bbolt.Bucket, k, v []byte) error { v[30] ^= 4; return b.Put(k, v) }),
			[]string{"tenant acme, record 20", "checksum"}},
		"other version": {record(20, func(b *bbolt.Bucket, k, v []byte) error { v[0] = 9; return b.Put(k, v) }),
			[]string{"tenant acme, record 20", "version 9"}},
		"other record": {record(20, func(b *bbolt.Bucket, k, _ []byte) error { return b.Put(k, b.Get(keyOf(19))) }),
			[]string{"tenant acme, record 20", "record 19 stands in its place"}},
		"other content": {record(20, func(b *bbolt.Bucket, k, v []byte) error {
			r, err := eventlog.Decode(v)
			r.Body = []byte("forged")
			return errors.Join(err, b.Put(k, r.Encode()))
		}), []string{"tenant acme, record 21", "as the hash of the record before"}},
		"blob": {func(tx *bbolt.Tx) error { return tx.Bucket(blobsBucket).Put([]byte("blob0"), []byte("12345")) },
			[]string{"blob blob0", "checksum"}},
		"blob gone": {func(tx *bbolt.Tx) error { return tx.Bucket(blobsBucket).Delete([]byte("blob0")) },
			[]string{"tenant acme, record 1", "blob blob0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := open(t, lay(t, change(t, whole, tc.change)))
			wantDamage(t, l.Scrub(t.Context()), tc.texts...)
		})
	}
}

// TestDamageAtTheHead damages what opening does read.
func TestDamageAtTheHead(t *testing.T) {
	t.Parallel()
	whole := store(t, 60)
	for name, fn := range map[string]func(*bbolt.Tx) error{
		"first record": func(tx *bbolt.Tx) error { return recordsOf(tx, "acme").Delete(keyOf(1)) },
		"last record":  func(tx *bbolt.Tx) error { return recordsOf(tx, "acme").Delete(keyOf(60)) },
		"tenant":       func(tx *bbolt.Tx) error { return tx.Bucket(tenantsBucket).DeleteBucket([]byte("acme")) },
		"torn record":  func(tx *bbolt.Tx) error { return recordsOf(tx, "acme").Put(keyOf(60), []byte{1, 2}) },
		"empty record": func(tx *bbolt.Tx) error { return recordsOf(tx, "acme").Put(keyOf(60), nil) },
		"format":       func(tx *bbolt.Tx) error { return tx.DeleteBucket(formatBucket) },
		"blobs":        func(tx *bbolt.Tx) error { return tx.DeleteBucket(blobsBucket) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, change(t, whole, fn))
		})
	}
}

// TestBitFlips flips one bit of a log at a time. Either someone says so, or
// all that was there is there, and still is after the log went on.
func TestBitFlips(t *testing.T) {
	t.Parallel()
	whole := store(t, 120)
	const flips = 240
	refused, found, harmless := 0, 0, 0
	for i := range uint64(flips) {
		random := rand.New(rand.NewPCG(i, 7))
		data := bytes.Clone(whole.log)
		at := random.IntN(len(data))
		if i%4 == 0 { // page headers and what follows hold the structure
			at = at/4096*4096 + random.IntN(64)
		}
		data[at] ^= 1 << random.IntN(8)
		switch outcome, err := tryLog(t, stored{data, whole.mark}, 120); outcome {
		case "refused":
			refused++
		case "found":
			found++
		case "harmless":
			harmless++
		default:
			t.Errorf("flip %d at byte %d: %s: %v", i, at, outcome, err)
		}
	}
	t.Logf("%d flips: %d refused at open, %d found by reading, %d harmless", flips, refused, found, harmless)
	if refused == 0 || found == 0 {
		t.Error("the flips did not test anything")
	}
}

// tryLog opens a log, reads it, appends to it, and says what became of it.
func tryLog(t *testing.T, s stored, n uint64) (string, error) {
	t.Helper()
	l, err := Open(lay(t, s), Options{})
	if err != nil {
		if errors.Is(err, eventlog.ErrDamaged) {
			return "refused", err
		}
		return "another error", err
	}
	defer func() { _ = l.Close() }() // a log found damaged may fail to close
	for round := range uint64(2) {
		for _, name := range []scheduler.TenantName{"acme", "other"} {
			head, err := l.Head(t.Context(), name)
			if err != nil || head.Seq != n+10*round {
				return "shorter", fmt.Errorf("tenant %s is at %d: %w", name, head.Seq, err)
			}
		}
		if err := l.Scrub(t.Context()); err != nil {
			if errors.Is(err, eventlog.ErrDamaged) {
				return "found", err
			}
			return "another error", err
		}
		for range 10 {
			for _, name := range []scheduler.TenantName{"acme", "other"} {
				head, _ := l.Head(t.Context(), name)
				if _, err := l.Append(t.Context(), eventlogtest.Record(name, head)); err != nil {
					if errors.Is(err, eventlog.ErrDamaged) {
						return "found", err
					}
					return "another error", err
				}
			}
		}
	}
	return "harmless", nil
}

// TestFailedSync has fsync fail, with the record in the file and not.
func TestFailedSync(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string]bool{"record written": true, "record lost": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openNew(t)
			head := eventlogtest.Append(t, l, "acme", 5)
			whole := l.update
			l.update = func(fn func(*bbolt.Tx) error) error {
				if kept {
					if err := whole(fn); err != nil {
						return err
					}
				}
				return syscall.EIO
			}
			r := eventlogtest.Record("acme", head)
			if _, err := l.Append(t.Context(), r); !errors.Is(err, eventlog.ErrFatal) || !errors.Is(err, syscall.EIO) {
				t.Errorf("append: %v", err)
			}
			l.update = whole
			if _, err := l.Append(t.Context(), r); !errors.Is(err, eventlog.ErrFatal) {
				t.Errorf("append again: %v, want fatal", err)
			}
			eventlogtest.CheckAll(t, l, "acme", 5) // what was not acknowledged is not shown
			l = reopen(t, l)
			want := uint64(5)
			if kept {
				want = 6
			}
			eventlogtest.CheckAll(t, l, "acme", want)
			eventlogtest.Append(t, l, "acme", 1)
		})
	}
}

// TestCutOffFirstStart leaves a file that bbolt had only begun to make.
func TestCutOffFirstStart(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 4096, 16384} {
		l := open(t, lay(t, stored{log: make([]byte, size)}))
		eventlogtest.Append(t, l, "acme", 3)
		eventlogtest.CheckAll(t, reopen(t, l), "acme", 3)
	}
}

// TestDamagedFreeList names a page in use in the free list, which bbolt
// believes: the next append would overwrite it.
func TestDamagedFreeList(t *testing.T) {
	t.Parallel()
	whole := store(t, 60)
	newest, err := readMetas(bytes.NewReader(whole.log), int64(len(whole.log)))
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]uint64{"root": newest.root, "itself": newest.freelist, "meta": 1, "outside": newest.pages} {
		data := bytes.Clone(whole.log)
		list := data[newest.freelist*newest.pageSize:]
		if count := binary.NativeEndian.Uint16(list[10:]); count == 0 {
			t.Fatal("nothing is free")
		}
		binary.NativeEndian.PutUint64(list[headerBytes:], id)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, stored{data, whole.mark}, fmt.Sprintf("the free list names page %d", id))
		})
	}
}
