package store

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// An index bucket holds one empty entry per row and term. Its key is the term
// (field, value) and the row's number, so that the rows of a term lie together
// in order: a posting list, which a cursor walks newest first.

// field names what a term is about.
type field byte

const (
	fieldUUID field = iota + 1
	fieldProject
	fieldPipeline
	fieldBranch
	fieldJob
	fieldChange
	fieldPatchset
	fieldRef
	fieldNewRev
	fieldVoting
	fieldNodeset
	fieldResult
	fieldHeld
	fieldFinal
	fieldComplete
	fieldBuildset
	fieldItem
	fieldChangeKey
	// fieldEnded has the end time as its value: all its entries together are
	// the completed builds in order of completion.
	fieldEnded
)

const (
	idBytes = 8
	// inlineBytes is the longest value kept in a key; longer ones are hashed.
	inlineBytes = 24
	hashedValue = 0xff
	hashBytes   = 16
)

// term is the key of a posting list: everything of an index key but the
// row's number.
type term string

func newTerm(f field, value string) term {
	if len(value) <= inlineBytes {
		b := make([]byte, 0, 2+inlineBytes)
		b = append(b, byte(f), byte(len(value)))
		return term(append(b, value...))
	}
	sum := sha256.Sum256([]byte(value))
	b := append(make([]byte, 0, 2+hashBytes), byte(f), hashedValue)
	return term(append(b, sum[:hashBytes]...))
}

func boolTerm(f field, v bool) term {
	if v {
		return newTerm(f, "1")
	}
	return newTerm(f, "0")
}

func (t term) key(id uint64) []byte {
	b := make([]byte, 0, len(t)+idBytes)
	return binary.BigEndian.AppendUint64(append(b, t...), id)
}

func idKey(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

func endedTerm(t time.Time) term {
	b := make([]byte, 0, 9)
	b = append(b, byte(fieldEnded))
	return term(binary.BigEndian.AppendUint64(b, endedOrder(t)))
}

// endedOrder maps times to numbers of the same order.
func endedOrder(t time.Time) uint64 { return uint64(t.UnixNano()) ^ 1<<63 }

func changeTerm(k scheduler.ChangeKey) term {
	return newTerm(fieldChangeKey, strconv.Itoa(k.Number)+"\x00"+string(k.Project))
}

func refTerms(ts []term, r *scheduler.Ref) []term {
	ts = append(ts,
		newTerm(fieldProject, r.Name),
		newTerm(fieldBranch, r.Branch),
		newTerm(fieldRef, r.Ref))
	if r.IsChange() {
		ts = append(ts,
			newTerm(fieldChange, strconv.Itoa(r.Number)),
			newTerm(fieldPatchset, strconv.Itoa(r.Patchset)))
	}
	if r.NewRev != "" {
		ts = append(ts, newTerm(fieldNewRev, r.NewRev))
	}
	return ts
}

func buildTerms(b *Build) []term {
	ts := make([]term, 0, 18)
	ts = append(ts,
		newTerm(fieldUUID, string(b.UUID)),
		newTerm(fieldBuildset, string(b.Buildset)),
		newTerm(fieldPipeline, string(b.Pipeline)),
		newTerm(fieldJob, string(b.Job)),
		newTerm(fieldNodeset, b.Nodeset),
		boolTerm(fieldVoting, b.Voting),
		boolTerm(fieldComplete, b.Complete()))
	ts = refTerms(ts, &b.Ref)
	if b.Held != nil {
		ts = append(ts, boolTerm(fieldHeld, *b.Held))
	}
	if b.Final != nil {
		ts = append(ts, boolTerm(fieldFinal, *b.Final))
	}
	if b.Complete() {
		ts = append(ts, newTerm(fieldResult, string(b.Result)), endedTerm(b.EndedAt))
	}
	return ts
}

func buildsetTerms(b *Buildset) []term {
	ts := make([]term, 0, 12)
	ts = append(ts,
		newTerm(fieldUUID, string(b.UUID)),
		newTerm(fieldItem, string(b.Item)),
		newTerm(fieldPipeline, string(b.Pipeline)),
		boolTerm(fieldComplete, b.Complete()))
	for i := range b.Refs {
		ts = refTerms(ts, &b.Refs[i])
	}
	if b.Complete() {
		ts = append(ts, newTerm(fieldResult, string(b.Result)))
	}
	return distinct(ts)
}

func itemTerms(i *itemRow) []term {
	ts := []term{newTerm(fieldUUID, string(i.UUID))}
	for _, r := range i.Refs {
		if r.IsChange() {
			ts = append(ts, changeTerm(r.Key()))
		}
	}
	return distinct(ts)
}

// distinct drops repeated terms, which refs of one cycle have in common.
func distinct(ts []term) []term {
	out := ts[:0]
	for _, t := range ts {
		if !contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

func contains(ts []term, t term) bool {
	for _, x := range ts {
		if x == t {
			return true
		}
	}
	return false
}
