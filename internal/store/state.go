package store

import (
	"errors"

	"github.com/gozer-ci/gozer/scheduler"
	"go.etcd.io/bbolt"
)

// Position is the last commit applied to a tenant's rows; zero before the first.
type Position struct {
	Seq  uint64
	Hash [32]byte // of the commit's record
}

// tenantState is the position with the last numbers given to rows.
type tenantState struct {
	Position
	builds, buildsets, items uint64
}

var stateKey = []byte("state")

func readState(t scheduler.TenantName, tenant *bbolt.Bucket) (tenantState, error) {
	var st tenantState
	b := tenant.Bucket([]byte(tableState))
	if b == nil {
		return st, &DamageError{Tenant: t, Where: tableState, Err: errors.New("table is missing")}
	}
	p, err := unseal(tableState, stateKey, b.Get(stateKey))
	if err != nil {
		return st, &DamageError{Tenant: t, Where: tableState, Err: err}
	}
	r := reader{rest: p}
	st.Seq = r.uint()
	copy(st.Hash[:], r.str())
	st.builds, st.buildsets, st.items = r.uint(), r.uint(), r.uint()
	if err := r.done(); err != nil {
		return st, &DamageError{Tenant: t, Where: tableState, Err: err}
	}
	return st, nil
}

func writeState(tenant *bbolt.Bucket, st tenantState) error {
	var w writer
	w.uint(st.Seq)
	w.str(string(st.Hash[:]))
	w.uint(st.builds)
	w.uint(st.buildsets)
	w.uint(st.items)
	return tenant.Bucket([]byte(tableState)).Put(stateKey, seal(tableState, stateKey, w.b))
}

// Applied returns the last commit that the tenant's rows hold.
func (s *Store) Applied(t scheduler.TenantName) (Position, error) {
	var p Position
	err := s.viewFile(func(tx *bbolt.Tx) error {
		b := tx.Bucket(tenantBucket(t))
		if b == nil {
			return nil
		}
		st, err := readState(t, b)
		p = st.Position
		return err
	})
	return p, err
}
