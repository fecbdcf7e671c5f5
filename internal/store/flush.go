package store

import (
	"encoding/binary"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// flush writes what the session changed and forgets the rows of what left the
// pipelines.
func (ss *session) flush() error {
	for _, r := range ss.items {
		if err := ss.writeItem(r); err != nil {
			return err
		}
	}
	for _, r := range ss.buildsets {
		if err := ss.writeBuildset(r); err != nil {
			return err
		}
	}
	for _, r := range ss.builds {
		if err := ss.writeBuild(r); err != nil {
			return err
		}
	}
	if err := ss.writeEstimates(); err != nil {
		return err
	}
	if err := ss.writeCounts(); err != nil {
		return err
	}
	return writeState(ss.bucket, ss.cache.state)
}

func (ss *session) writeItem(r *row[itemRow]) error {
	key := idKey(r.v.ID)
	if r.indexed == nil {
		ss.counts[countItems+string(r.v.Pipeline)]++
	}
	if !r.v.DequeuedAt.IsZero() {
		delete(ss.cache.items, r.v.UUID)
	}
	return writeRow(ss, tableItems, tableItemIndex, key, r, encodeItem(r.v), itemTerms(r.v))
}

func (ss *session) writeBuildset(r *row[Buildset]) error {
	key := idKey(r.v.ID)
	if r.indexed == nil {
		if err := ss.writeValues(tableBuildsetTerms, valueKeys(r.v.Pipeline, "", r.v.Refs...)); err != nil {
			return err
		}
	}
	recount(ss, countBuildsets+string(r.v.Pipeline)+"\x00", r, r.v.Result)
	if r.v.Complete() {
		delete(ss.cache.buildsets, r.v.UUID)
	}
	return writeRow(ss, tableBuildsets, tableBuildsetIndex, key, r, encodeBuildset(r.v), buildsetTerms(r.v))
}

func (ss *session) writeBuild(r *row[Build]) error {
	key := idKey(r.v.ID)
	if r.indexed == nil {
		if err := ss.writeValues(tableBuildTerms, valueKeys(r.v.Pipeline, r.v.Job, r.v.Ref)); err != nil {
			return err
		}
	}
	recount(ss, countBuilds, r, r.v.Result)
	if r.v.Complete() {
		delete(ss.cache.builds, r.v.UUID)
	}
	return writeRow(ss, tableBuilds, tableBuildIndex, key, r, encodeBuild(r.v), buildTerms(r.v))
}

// recount moves a row from the result under which it was counted to another.
func recount[T any](ss *session, prefix string, r *row[T], now scheduler.Result) {
	if r.indexed != nil {
		ss.counts[prefix+string(r.counted)]--
	}
	ss.counts[prefix+string(now)]++
	r.counted = now
}

// noValue is stored where the key says it all; bbolt reads nil back as absent
// until the transaction ends.
var noValue = []byte{}

// writeRow stores a row and mends its entries in the index.
func writeRow[T any](ss *session, table, index string, key []byte, r *row[T], payload []byte, now []term) error {
	id := binary.BigEndian.Uint64(key)
	ix := ss.table[index]
	for _, t := range r.indexed {
		if !contains(now, t) {
			if err := ix.Delete(t.key(id)); err != nil {
				return err
			}
		}
	}
	for _, t := range now {
		if !contains(r.indexed, t) {
			if err := ix.Put(t.key(id), noValue); err != nil {
				return err
			}
		}
	}
	r.indexed, r.dirty = now, false
	return ss.table[table].Put(key, seal(table, key, payload))
}

// writeValues notes the values that patterns are compared with.
func (ss *session) writeValues(table string, keys [][]byte) error {
	b := ss.table[table]
	for _, k := range keys {
		if b.Get(k) != nil {
			continue
		}
		if err := b.Put(k, noValue); err != nil {
			return err
		}
	}
	return nil
}

// valueKeys are the keys of a row's values.
func valueKeys(p scheduler.PipelineName, j scheduler.JobName, refs ...scheduler.Ref) [][]byte {
	keys := [][]byte{valueKey(fieldPipeline, string(p))}
	if j != "" {
		keys = append(keys, valueKey(fieldJob, string(j)))
	}
	for _, r := range refs {
		keys = append(keys, valueKey(fieldProject, r.Name), valueKey(fieldBranch, r.Branch))
	}
	return keys
}

// valueKey is the key of a value in a table of values.
func valueKey(f field, value string) []byte {
	return append([]byte{byte(f)}, value...)
}

// sortedKeys returns m's keys in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
