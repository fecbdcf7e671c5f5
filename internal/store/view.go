package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
	"go.etcd.io/bbolt"
)

// errNoTenant says that a tenant has no rows yet: lists of it are empty.
var errNoTenant = errors.New("the tenant has no rows")

// view is a consistent look at one tenant's rows.
type view struct {
	tenant scheduler.TenantName
	bucket *bbolt.Bucket
	state  tenantState
}

// view runs fn on the tenant's rows; errNoTenant when there are none.
func (s *Store) view(ctx context.Context, t scheduler.TenantName, fn func(*view) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.viewFile(func(tx *bbolt.Tx) error {
		b := tx.Bucket(tenantBucket(t))
		if b == nil {
			return errNoTenant
		}
		st, err := readState(t, b)
		if err != nil {
			return err
		}
		return fn(&view{tenant: t, bucket: b, state: st})
	})
	if errors.Is(err, ErrDamaged) && s.options.OnDamage != nil {
		s.options.OnDamage(t, err)
	}
	return err
}

func (v *view) table(name string) *bbolt.Bucket {
	if b := v.bucket.Bucket([]byte(name)); b != nil {
		return b
	}
	panic("table " + name + " is missing") // becomes a *DamageError in guard
}

func (v *view) damaged(table string, key []byte, err error) error {
	return &DamageError{Tenant: v.tenant, Where: fmt.Sprintf("%s row %x", table, key), Err: err}
}

// lookup returns the number of the newest row under t.
func (v *view) lookup(index string, t term) (uint64, bool) {
	return newest(v.table(index).Cursor(), t, maxID)
}

// get reads row id of a table.
func get[T any](v *view, table string, id uint64, decode func([]byte) (*T, error)) (*T, error) {
	key := idKey(id)
	stored := v.table(table).Get(key)
	if stored == nil {
		return nil, v.damaged(table, key, errors.New("row is missing"))
	}
	p, err := unseal(table, key, stored)
	if err != nil {
		return nil, v.damaged(table, key, err)
	}
	row, err := decode(p)
	if err != nil {
		return nil, v.damaged(table, key, err)
	}
	return row, nil
}

func (v *view) build(id uint64) (*Build, error) {
	return get(v, tableBuilds, id, decodeBuild)
}

func (v *view) buildset(id uint64) (*Buildset, error) {
	return get(v, tableBuildsets, id, decodeBuildset)
}
