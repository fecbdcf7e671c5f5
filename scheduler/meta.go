package scheduler

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// Meta carries what a deterministic core may not fetch itself.
type Meta struct {
	// Time of the decision, UTC.
	Time time.Time
	// Entropy seeds the identifiers of the commit; it must never repeat.
	Entropy [16]byte
}

// ids hands out identifiers derived from one seed.
type ids struct {
	seed [16]byte
	n    uint64
}

func (g *ids) next() string {
	var b [24]byte
	copy(b[:], g.seed[:])
	binary.BigEndian.PutUint64(b[16:], g.n)
	g.n++
	sum := sha256.Sum256(b[:])
	return hex.EncodeToString(sum[:16])
}
