package eventlog

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// full has every field set.
func full() Record {
	return Record{
		Tenant: "acme", Seq: 7, Time: time.Date(2026, 11, 20, 12, 0, 0, 5, time.UTC), Prev: Hash{1, 2, 3},
		Inputs: []InputMark{{Stream: "INPUT/2026", Seq: 300}, {Stream: "", Seq: 0}},
		Body:   []byte("{}\n"), Blobs: []Blob{{Hash: "b0"}, {Hash: "b1"}},
	}
}

// frozen is full as version 1 writes it. It must be read for ever.
const (
	frozen = "01a78c14a60000000000000007000000006b0036400000000501020300000000000000000000000000000000000000000000000000000000000461636d65" +
		"020a494e5055542f32303236000000000000012c00000000000000000002026230026231037b7d0a"
	frozenHash = "d97e79eff54c5230"
)

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Record{"full": full(), "empty": {Time: time.Time{}}} {
		got, err := Decode(want.Encode())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
}

func TestFrozenRecord(t *testing.T) {
	t.Parallel()
	data, err := hex.DecodeString(frozen)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil || !reflect.DeepEqual(got, full()) {
		t.Errorf("read as %+v, %v", got, err)
	}
	if again := full().Encode(); !bytes.Equal(again, data) {
		t.Errorf("written as %x; a new form needs a new version", again)
	}
	if h := full().Hash(); hex.EncodeToString(h[:8]) != frozenHash {
		t.Errorf("hash %x, want %s...: all chains would break", h, frozenHash)
	}
}

func TestHashCoversAllButData(t *testing.T) {
	t.Parallel()
	seen := map[Hash]string{full().Hash(): "unchanged"}
	for name, change := range map[string]func(*Record){
		"tenant":     func(r *Record) { r.Tenant = "acne" },
		"sequence":   func(r *Record) { r.Seq++ },
		"time":       func(r *Record) { r.Time = r.Time.Add(1) },
		"previous":   func(r *Record) { r.Prev[31]++ },
		"stream":     func(r *Record) { r.Inputs[0].Stream += "x" },
		"input":      func(r *Record) { r.Inputs[0].Seq++ },
		"no inputs":  func(r *Record) { r.Inputs = nil },
		"body":       func(r *Record) { r.Body = []byte("[]\n") },
		"blob":       func(r *Record) { r.Blobs[1].Hash = "b2" },
		"blob order": func(r *Record) { r.Blobs[0], r.Blobs[1] = r.Blobs[1], r.Blobs[0] },
	} {
		r := full()
		change(&r)
		if other, dup := seen[r.Hash()]; dup {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[r.Hash()] = name
	}
	r := full()
	r.Blobs[0].Data = []byte("data")
	r.Time = r.Time.In(time.FixedZone("here", 3600))
	if r.Hash() != full().Hash() {
		t.Error("a blob's data or a time zone changed the hash")
	}
}

func TestDecodeRefusesEveryFlip(t *testing.T) {
	t.Parallel()
	whole := full().Encode()
	for i := range 8 * len(whole) {
		data := bytes.Clone(whole)
		data[i/8] ^= 1 << (i % 8)
		if _, err := Decode(data); err == nil {
			t.Errorf("bit %d flipped and decoded", i)
		}
	}
	for n := range len(whole) {
		if _, err := Decode(whole[:n]); err == nil {
			t.Errorf("cut to %d bytes and decoded", n)
		}
	}
	if _, err := Decode(append(whole, 0)); err == nil {
		t.Error("decoded with a byte more")
	}
}

// FuzzDecode gives the decoder bodies with a right checksum: no panic, and
// what decodes is what its own encoding says.
func FuzzDecode(f *testing.F) {
	f.Add(full().Encode()[5:])
	f.Add(Record{}.Encode()[5:])
	f.Add(bytes.Repeat([]byte{0xff}, 100))
	f.Fuzz(func(t *testing.T, rest []byte) {
		data := append([]byte{recordVersion, 0, 0, 0, 0}, rest...)
		binary.BigEndian.PutUint32(data[1:], Checksum(rest))
		r, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Decode(r.Encode())
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v became %+v, %v", r, again, err)
		}
	})
}

func TestChain(t *testing.T) {
	t.Parallel()
	first := Record{Tenant: "acme", Seq: 1}
	head := Head{Seq: 1, Hash: first.Hash()}
	for name, tc := range map[string]struct {
		next Record
		want string
	}{
		"follows":      {Record{Tenant: "acme", Seq: 2, Prev: head.Hash}, ""},
		"gap":          {Record{Tenant: "acme", Seq: 3, Prev: head.Hash}, "tenant acme, record 2: record 3 stands in its place"},
		"again":        {first, "record 1 stands in its place"},
		"other tenant": {Record{Tenant: "b", Seq: 2, Prev: head.Hash}, `it belongs to tenant "b"`},
		"other hash":   {Record{Tenant: "acme", Seq: 2}, "it names 0000000000000000 as the hash of the record before"},
	} {
		c := Chain{Tenant: "acme"}
		if err := c.Next(first, first.Hash()); err != nil {
			t.Fatal(err)
		}
		err := c.Next(tc.next, tc.next.Hash())
		if tc.want == "" {
			if err != nil || c.Head.Seq != 2 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), tc.want) || c.Head != head {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}
