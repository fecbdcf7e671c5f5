package eventlog

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// recordVersion is the first byte of an encoded record. A new form gets a new
// number, and Decode keeps reading the old ones.
const recordVersion = 1

// MaxRecordBytes bounds an encoded record, and MaxBlobBytes one blob.
const (
	MaxRecordBytes = 64 << 20
	MaxBlobBytes   = 64 << 20
)

// maxTenantBytes keeps tenant names usable as keys.
const maxTenantBytes = 1 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum returns the CRC-32C of data, which guards what logs store.
func Checksum(data []byte) uint32 { return crc32.Checksum(data, castagnoli) }

// Encode returns r's binary form: version, CRC-32C of the rest, sequence,
// time, hash of the predecessor, tenant, inputs, hashes of the blobs, body.
// Blobs' data are not in it.
func (r Record) Encode() []byte {
	b := make([]byte, 5, 96+len(r.Tenant)+len(r.Body)+40*len(r.Inputs)+72*len(r.Blobs))
	b[0] = recordVersion
	b = binary.BigEndian.AppendUint64(b, r.Seq)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time.Unix()))
	b = binary.BigEndian.AppendUint32(b, uint32(r.Time.Nanosecond()))
	b = append(b, r.Prev[:]...)
	b = appendString(b, string(r.Tenant))
	b = binary.AppendUvarint(b, uint64(len(r.Inputs)))
	for _, in := range r.Inputs {
		b = appendString(b, in.Stream)
		b = binary.BigEndian.AppendUint64(b, in.Seq)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Blobs)))
	for _, blob := range r.Blobs {
		b = appendString(b, string(blob.Hash))
	}
	b = binary.AppendUvarint(b, uint64(len(r.Body)))
	b = append(b, r.Body...)
	binary.BigEndian.PutUint32(b[1:5], Checksum(b[5:]))
	return b
}

// Hash is what the next record's Prev must be. It covers all of r but the
// data of its blobs, whose hashes it covers.
func (r Record) Hash() Hash { return HashEncoded(r.Encode()) }

// HashEncoded returns the hash of a record in its encoded form.
func HashEncoded(encoded []byte) Hash { return sha256.Sum256(encoded) }

// Validate reports, as ErrInvalid, what no log would accept.
func (r Record) Validate() error {
	switch {
	case r.Tenant == "" || len(r.Tenant) > maxTenantBytes:
		return fmt.Errorf("%w: tenant name of %d bytes", ErrInvalid, len(r.Tenant))
	case r.Seq == 0:
		return fmt.Errorf("%w: sequence 0", ErrInvalid)
	case (r.Seq == 1) != (r.Prev == Hash{}):
		return fmt.Errorf("%w: sequence %d with the previous hash %x", ErrInvalid, r.Seq, r.Prev)
	case len(r.Body) > MaxRecordBytes/2:
		return fmt.Errorf("%w: body of %d bytes", ErrInvalid, len(r.Body))
	}
	for _, b := range r.Blobs {
		if b.Hash == "" || len(b.Hash) > maxTenantBytes {
			return fmt.Errorf("%w: blob with a hash of %d bytes", ErrInvalid, len(b.Hash))
		}
		if len(b.Data) > MaxBlobBytes {
			return fmt.Errorf("%w: blob %s of %d bytes", ErrInvalid, b.Hash, len(b.Data))
		}
	}
	return nil
}

var errTorn = errors.New("record ends early or has bytes left over")

// Decode reads an encoded record. It shares no memory with data, never
// panics, and refuses what Encode can't have written.
func Decode(data []byte) (Record, error) {
	if len(data) < 5 {
		return Record{}, errTorn
	}
	if data[0] != recordVersion {
		return Record{}, fmt.Errorf("record of version %d: it is damaged or a newer gozer wrote it", data[0])
	}
	if got, want := Checksum(data[5:]), binary.BigEndian.Uint32(data[1:5]); got != want {
		return Record{}, fmt.Errorf("checksum is %08x and should be %08x", got, want)
	}
	d := decoder{rest: data[5:]}
	var r Record
	r.Seq = d.uint64()
	sec, nsec := int64(d.uint64()), int64(d.uint32())
	r.Time = time.Unix(sec, nsec).UTC()
	copy(r.Prev[:], d.bytes(len(r.Prev)))
	r.Tenant = scheduler.TenantName(d.string())
	for n := d.count(9); n > 0; n-- {
		r.Inputs = append(r.Inputs, InputMark{Stream: d.string(), Seq: d.uint64()})
	}
	for n := d.count(1); n > 0; n-- {
		r.Blobs = append(r.Blobs, Blob{Hash: scheduler.Hash(d.string())})
	}
	if body := d.bytes(d.count(1)); len(body) > 0 {
		r.Body = append([]byte(nil), body...)
	}
	if d.failed || len(d.rest) > 0 {
		return Record{}, errTorn
	}
	return r, nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decoder takes values off rest; once it failed it returns zeros.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) bytes(n int) []byte {
	if d.failed || n > len(d.rest) {
		d.failed = true
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) uint64() uint64 {
	if b := d.bytes(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if b := d.bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// count reads a number of things that take at least size bytes each, so that
// a lie about it allocates nothing.
func (d *decoder) count(size int) int {
	n, used := binary.Uvarint(d.rest)
	if d.failed || used <= 0 || n > uint64((len(d.rest)-used)/size) {
		d.failed = true
		return 0
	}
	d.rest = d.rest[used:]
	return int(n)
}

func (d *decoder) string() string { return string(d.bytes(d.count(1))) }
