package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Values are stored as the CRC-32C of table, key and payload, then the
// payload, so that a row that was altered or lies under another key is found.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var (
	errChecksum = errors.New("checksum does not match")
	errTornRow  = errors.New("row ends early or has bytes left over")
)

func checksum(table string, key, payload []byte) uint32 {
	sum := crc32.Update(0, castagnoli, []byte(table))
	sum = crc32.Update(sum, castagnoli, key)
	return crc32.Update(sum, castagnoli, payload)
}

func seal(table string, key, payload []byte) []byte {
	b := make([]byte, 4, 4+len(payload))
	binary.BigEndian.PutUint32(b, checksum(table, key, payload))
	return append(b, payload...)
}

// unseal returns the payload of a stored value; it shares the value's memory.
func unseal(table string, key, value []byte) ([]byte, error) {
	if len(value) < 4 || binary.BigEndian.Uint32(value) != checksum(table, key, value[4:]) {
		return nil, errChecksum
	}
	return value[4:], nil
}

// writer appends the binary form of values.
type writer struct{ b []byte }

func (w *writer) uint(v uint64) { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int)     { w.b = binary.AppendVarint(w.b, int64(v)) }

func (w *writer) str(s string) {
	w.uint(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *writer) strs(list []string) {
	w.uint(uint64(len(list)))
	for _, s := range list {
		w.str(s)
	}
}

func (w *writer) bool(v bool) {
	if v {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

// maybe writes a bool that may be unknown.
func (w *writer) maybe(v *bool) {
	if v == nil {
		w.b = append(w.b, 2)
		return
	}
	w.bool(*v)
}

// time writes t to the nanosecond; the zero time takes one byte.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.b = append(w.b, 0)
		return
	}
	w.b = append(w.b, 1)
	w.b = binary.AppendVarint(w.b, t.Unix())
	w.uint(uint64(t.Nanosecond()))
}

func (w *writer) ref(r *scheduler.Ref) {
	w.str(string(r.Connection))
	w.str(string(r.Project))
	w.str(r.Name)
	w.str(r.Branch)
	w.str(r.Ref)
	w.int(r.Number)
	w.int(r.Patchset)
	w.str(r.OldRev)
	w.str(r.NewRev)
	w.str(r.URL)
	w.str(r.Owner)
}

func (w *writer) refs(rs []scheduler.Ref) {
	w.uint(uint64(len(rs)))
	for i := range rs {
		w.ref(&rs[i])
	}
}

// reader takes values off rest; once bad it returns zeros. All strings share
// one copy of what it reads.
type reader struct {
	rest []byte
	text string // a copy that ends where rest ends; made by the first string
	bad  bool
}

func (r *reader) fail() { r.bad, r.rest = true, nil }

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) int() int { return int(r.varint()) }

func (r *reader) str() string {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	if n == 0 {
		return ""
	}
	if r.text == "" {
		r.text = string(r.rest)
	}
	at := len(r.text) - len(r.rest)
	r.rest = r.rest[n:]
	return r.text[at : at+int(n)]
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.bad = true
		return 0
	}
	v := r.rest[0]
	r.rest = r.rest[1:]
	return v
}

func (r *reader) bool() bool { return r.byte() == 1 }

func (r *reader) maybe() *bool {
	v := r.byte()
	if v > 1 {
		return nil
	}
	known := v == 1
	return &known
}

func (r *reader) time() time.Time {
	if r.byte() == 0 {
		return time.Time{}
	}
	sec := r.varint()
	return time.Unix(sec, int64(r.uint())).UTC()
}

// count reads a number of things of at least one byte each.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) strs() []string {
	var out []string
	for n := r.count(); n > 0; n-- {
		out = append(out, r.str())
	}
	return out
}

func (r *reader) artifact() scheduler.Artifact {
	a := scheduler.Artifact{Name: r.str(), URL: r.str()}
	if m := r.str(); m != "" {
		a.Metadata = []byte(m)
	}
	return a
}

func (r *reader) ref() scheduler.Ref {
	return scheduler.Ref{
		Connection: scheduler.ConnectionName(r.str()),
		Project:    scheduler.ProjectName(r.str()),
		Name:       r.str(),
		Branch:     r.str(),
		Ref:        r.str(),
		Number:     r.int(),
		Patchset:   r.int(),
		OldRev:     r.str(),
		NewRev:     r.str(),
		URL:        r.str(),
		Owner:      r.str(),
	}
}

func (r *reader) refs() []scheduler.Ref {
	n := r.count()
	if n == 0 {
		return nil
	}
	out := make([]scheduler.Ref, 0, n)
	for range n {
		out = append(out, r.ref())
	}
	return out
}

// done reports whether everything was read and nothing was missing.
func (r *reader) done() error {
	if r.bad || len(r.rest) > 0 {
		return errTornRow
	}
	return nil
}
