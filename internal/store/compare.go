package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/gozer-ci/gozer/scheduler"
	"go.etcd.io/bbolt"
)

// Difference is a row that two stores do not have alike.
type Difference struct {
	Table string
	Key   string // readable form of the row's key
	// Have and Want are digests of the row; empty where it is missing.
	Have, Want string
}

func (d Difference) String() string {
	switch {
	case d.Have == "":
		return fmt.Sprintf("%s %s: missing", d.Table, d.Key)
	case d.Want == "":
		return fmt.Sprintf("%s %s: should not be there", d.Table, d.Key)
	}
	return fmt.Sprintf("%s %s: is %s and should be %s", d.Table, d.Key, d.Have, d.Want)
}

// Dump writes all rows of a tenant, one line each, in a form that depends on
// the applied commits alone and not on how they came.
func (s *Store) Dump(ctx context.Context, t scheduler.TenantName, w io.Writer) error {
	err := s.view(ctx, t, func(v *view) error {
		for _, name := range tables {
			err := v.table(name).ForEach(func(k, value []byte) error {
				_, err := fmt.Fprintf(w, "%s %x %x\n", name, k, value)
				return err
			})
			if err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	return listError("dump rows", err)
}

// ErrMoved says that two stores hold different commits of a tenant, so that
// their rows can't be compared.
var ErrMoved = errors.New("the stores are not at the same commit")

// Compare returns at most limit differences of a tenant's rows to those of
// want, and how many rows want has. Errors: ErrMoved, ErrDamaged.
func (s *Store) Compare(ctx context.Context, t scheduler.TenantName, want *Store, limit int) (diffs []Difference, rows int, err error) {
	alone := fmt.Errorf("only one has the tenant: %w", ErrMoved)
	err = s.view(ctx, t, func(have *view) error {
		err := want.view(ctx, t, func(want *view) error {
			if have.state.Position != want.state.Position {
				return fmt.Errorf("%d and %d: %w", have.state.Seq, want.state.Seq, ErrMoved)
			}
			diffs, rows, err = compareTables(ctx, have, want, limit)
			return err
		})
		if errors.Is(err, errNoTenant) {
			return alone
		}
		return err
	})
	if errors.Is(err, errNoTenant) {
		if err = want.view(ctx, t, func(*view) error { return alone }); errors.Is(err, errNoTenant) {
			err = nil
		}
	}
	return diffs, rows, listError("compare read models", err)
}

func compareTables(ctx context.Context, have, want *view, limit int) ([]Difference, int, error) {
	c := comparison{limit: limit}
	for _, name := range tables {
		c.table = name
		if err := c.run(ctx, have.table(name).Cursor(), want.table(name).Cursor()); err != nil {
			return nil, 0, err
		}
	}
	return c.diffs, c.rows, nil
}

// comparison walks one table of two stores side by side.
type comparison struct {
	table string
	limit int
	diffs []Difference
	rows  int
}

func (c *comparison) run(ctx context.Context, have, want *bbolt.Cursor) error {
	hk, hv := have.First()
	wk, wv := want.First()
	for steps := 1; hk != nil || wk != nil; steps++ {
		if steps%everySeeks == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		order := bytes.Compare(hk, wk)
		switch {
		case hk == nil || (wk != nil && order > 0):
			c.differ(Difference{Table: c.table, Key: readable(wk), Want: digest(wv)})
			c.rows++
			wk, wv = want.Next()
		case wk == nil || order < 0:
			c.differ(Difference{Table: c.table, Key: readable(hk), Have: digest(hv)})
			hk, hv = have.Next()
		default:
			if !bytes.Equal(hv, wv) {
				c.differ(Difference{Table: c.table, Key: readable(hk), Have: digest(hv), Want: digest(wv)})
			}
			c.rows++
			hk, hv = have.Next()
			wk, wv = want.Next()
		}
	}
	return nil
}

func (c *comparison) differ(d Difference) {
	if len(c.diffs) < c.limit {
		c.diffs = append(c.diffs, d)
	}
}

func digest(value []byte) string {
	sum := sha256.Sum256(value)
	return hex.EncodeToString(sum[:6])
}

// readable shows keys that are numbers as such and others quoted.
func readable(key []byte) string {
	if len(key) == idBytes {
		return fmt.Sprintf("%d", binary.BigEndian.Uint64(key))
	}
	if utf8.Valid(key) {
		return fmt.Sprintf("%q", key)
	}
	return hex.EncodeToString(key)
}
