package local

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"go.etcd.io/bbolt"
)

// The buckets. Values are JSON behind a checksum, see pack; keys are text parts
// joined by zero bytes, and big endian numbers.
var (
	bucketMeta     = []byte("meta")
	bucketProjects = []byte("projects") // name -> Project
	bucketChanges  = []byte("changes")  // number -> Change
	bucketComments = []byte("comments") // number, sequence -> Comment
	bucketIndex    = []byte("index")    // kind, value, number -> nothing
	bucketCommits  = []byte("commits")  // project, branch, commit -> patchsetKey
	bucketNeeders  = []byte("needers")  // number needed, number that needs -> nothing
	bucketOutbox   = []byte("outbox")   // sequence -> TriggerEvent
	bucketReports  = []byte("reports")  // report -> reportRow
	bucketIntents  = []byte("intents")  // id -> intent

	buckets = [][]byte{
		bucketMeta, bucketProjects, bucketChanges, bucketComments, bucketIndex,
		bucketCommits, bucketNeeders, bucketOutbox, bucketReports, bucketIntents,
	}

	keySchema   = []byte("schema")
	keyIdentity = []byte("identity") // random, made with the database
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errDamaged says that a value does not match its checksum.
var errDamaged = errors.New("database row is damaged")

// pack encodes a value behind its checksum.
func pack(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	row := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(data)), crc32.Checksum(data, castagnoli))
	return append(row, data...), nil
}

func unpack(row []byte, v any) error {
	if len(row) < 4 || crc32.Checksum(row[4:], castagnoli) != binary.BigEndian.Uint32(row) {
		return errDamaged
	}
	return json.Unmarshal(row[4:], v)
}

func put(tx *bbolt.Tx, bucket, key []byte, v any) error {
	row, err := pack(v)
	if err != nil {
		return fmt.Errorf("encode row %q of %s: %w", key, bucket, err)
	}
	return tx.Bucket(bucket).Put(key, row)
}

// get reads a row; found is false when there is none.
func get(tx *bbolt.Tx, bucket, key []byte, v any) (found bool, err error) {
	row := tx.Bucket(bucket).Get(key)
	if row == nil {
		return false, nil
	}
	if err := unpack(row, v); err != nil {
		return false, fmt.Errorf("read row %q of %s: %w", key, bucket, err)
	}
	return true, nil
}

// joinKey joins text parts so that no part can run into the next; each ends
// with a zero byte.
func joinKey(parts ...string) []byte {
	return append([]byte(strings.Join(parts, "\x00")), 0)
}

func numberKey(n int) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(n))
}

func numberAt(key []byte) int {
	if len(key) < 8 {
		return 0
	}
	return int(binary.BigEndian.Uint64(key[len(key)-8:]))
}

// numbersUnder returns the numbers that end the keys below a prefix, ascending.
func numbersUnder(tx *bbolt.Tx, bucket, prefix []byte) []int {
	var numbers []int
	c := tx.Bucket(bucket).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		if len(k) == len(prefix)+8 {
			numbers = append(numbers, numberAt(k))
		}
	}
	return numbers
}
