package store

import (
	"encoding/binary"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
	"go.etcd.io/bbolt"
)

// row is a row in memory: its value, and the terms under which the file has it
// (nil while the file does not have it).
type row[T any] struct {
	v       *T
	indexed []term
	counted scheduler.Result // under which the counts have it, once indexed
	dirty   bool
}

// cache keeps the rows of what is in the pipelines between transactions, so
// that a commit costs no reads. It always equals the file.
type cache struct {
	state     tenantState
	items     map[scheduler.ItemID]*row[itemRow]
	buildsets map[scheduler.BuildsetID]*row[Buildset]
	builds    map[scheduler.BuildID]*row[Build]
}

// session is the work of one transaction on one tenant's rows.
type session struct {
	tenant scheduler.TenantName
	bucket *bbolt.Bucket
	cache  *cache
	table  map[string]*bbolt.Bucket

	// The changed rows in order of their first change, estimates and counts,
	// written by flush.
	items     []*row[itemRow]
	buildsets []*row[Buildset]
	builds    []*row[Build]
	estimates map[string]*estimate
	counts    map[string]int64

	commit *Commit // being projected, with the index of its event
	event  int
	err    error // the first of the projection
}

func (s *Store) session(tx *bbolt.Tx, t scheduler.TenantName) (*session, error) {
	b, err := tx.CreateBucketIfNotExists(tenantBucket(t))
	if err != nil {
		return nil, err
	}
	ss := &session{tenant: t, bucket: b, table: make(map[string]*bbolt.Bucket, len(tables)),
		estimates: map[string]*estimate{}, counts: map[string]int64{}}
	fresh := b.Bucket([]byte(tableState)) == nil
	for _, name := range tables {
		if ss.table[name], err = b.CreateBucketIfNotExists([]byte(name)); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{tableBuilds, tableBuildsets, tableItems, tableDecisions} {
		ss.table[name].FillPercent = 0.9 // keys only grow
	}
	if ss.cache = s.tenants[t]; ss.cache != nil {
		return ss, nil
	}
	ss.cache = &cache{
		items:     map[scheduler.ItemID]*row[itemRow]{},
		buildsets: map[scheduler.BuildsetID]*row[Buildset]{},
		builds:    map[scheduler.BuildID]*row[Build]{},
	}
	if !fresh {
		if ss.cache.state, err = readState(t, b); err != nil {
			return nil, err
		}
	}
	s.tenants[t] = ss.cache
	return ss, nil
}

func (ss *session) fail(err error) {
	if ss.err == nil {
		ss.err = err
	}
}

func (ss *session) damaged(table string, key []byte, err error) {
	ss.fail(&DamageError{Tenant: ss.tenant, Where: fmt.Sprintf("%s row %x", table, key), Err: err})
}

// find returns the payload of the newest row that index holds under t; nil
// when there is none.
func (ss *session) find(table, index string, t term) []byte {
	c := ss.table[index].Cursor()
	id, ok := newest(c, t, maxID)
	if !ok {
		return nil
	}
	key := idKey(id)
	p, err := unseal(table, key, ss.table[table].Get(key))
	if err != nil {
		ss.damaged(table, key, err)
		return nil
	}
	return p
}

// item returns a live item of the history, or nil for one that is not in it.
func (ss *session) item(id scheduler.ItemID) *row[itemRow] {
	if r := ss.cache.items[id]; r != nil {
		return r
	}
	p := ss.find(tableItems, tableItemIndex, newTerm(fieldUUID, string(id)))
	return load(ss, ss.cache.items, id, p, decodeItem, itemTerms, tableItems)
}

// buildset returns a row of the history, or nil.
func (ss *session) buildset(id scheduler.BuildsetID) *row[Buildset] {
	if r := ss.cache.buildsets[id]; r != nil {
		return r
	}
	p := ss.find(tableBuildsets, tableBuildsetIndex, newTerm(fieldUUID, string(id)))
	r := load(ss, ss.cache.buildsets, id, p, decodeBuildset, buildsetTerms, tableBuildsets)
	if r != nil {
		r.counted = r.v.Result
	}
	return r
}

// build returns a row of the history, or nil.
func (ss *session) build(id scheduler.BuildID) *row[Build] {
	if r := ss.cache.builds[id]; r != nil {
		return r
	}
	p := ss.find(tableBuilds, tableBuildIndex, newTerm(fieldUUID, string(id)))
	r := load(ss, ss.cache.builds, id, p, decodeBuild, buildTerms, tableBuilds)
	if r != nil {
		r.counted = r.v.Result
	}
	return r
}

func load[K ~string, T any](ss *session, into map[K]*row[T], id K, payload []byte,
	decode func([]byte) (*T, error), terms func(*T) []term, table string) *row[T] {
	if payload == nil {
		return nil
	}
	v, err := decode(payload)
	if err != nil {
		ss.damaged(table, []byte(id), err)
		return nil
	}
	r := &row[T]{v: v, indexed: terms(v)}
	into[id] = r
	return r
}

// changed notes that a row must be written.
func changed[T any](list *[]*row[T], r *row[T]) {
	if !r.dirty {
		r.dirty = true
		*list = append(*list, r)
	}
}

func (ss *session) addItem(v *itemRow) {
	ss.cache.state.items++
	v.ID = ss.cache.state.items
	r := &row[itemRow]{v: v}
	ss.cache.items[v.UUID] = r
	changed(&ss.items, r)
}

func (ss *session) addBuildset(v *Buildset) *row[Buildset] {
	ss.cache.state.buildsets++
	v.ID = ss.cache.state.buildsets
	r := &row[Buildset]{v: v}
	ss.cache.buildsets[v.UUID] = r
	changed(&ss.buildsets, r)
	return r
}

func (ss *session) addBuild(v *Build) *row[Build] {
	ss.cache.state.builds++
	v.ID = ss.cache.state.builds
	r := &row[Build]{v: v}
	ss.cache.builds[v.UUID] = r
	changed(&ss.builds, r)
	return r
}

// subKey orders what several events add to one row or term.
func (ss *session) subKey(prefix []byte) []byte {
	prefix = binary.BigEndian.AppendUint64(prefix, ss.commit.Seq)
	return binary.BigEndian.AppendUint32(prefix, uint32(ss.event))
}
