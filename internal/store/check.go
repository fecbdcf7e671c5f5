package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// Check reads every row of a tenant and its entries in the indexes. It returns
// a *DamageError for the first that is not as it was written.
func (s *Store) Check(ctx context.Context, t scheduler.TenantName) error {
	err := s.view(ctx, t, func(v *view) error {
		if err := checkBuilds(ctx, v); err != nil {
			return err
		}
		if err := checkBuildsets(ctx, v); err != nil {
			return err
		}
		items := indexed[itemRow]{tableItems, tableItemIndex, v.state.items, decodeItem, itemTerms}
		if err := items.check(ctx, v, func(*itemRow) {}); err != nil {
			return err
		}
		for _, name := range []string{tableDecisions, tableRefusals, tableEstimates, tableCounts, tableSystem} {
			if err := checkSums(ctx, v, name); err != nil {
				return err
			}
		}
		return nil
	})
	return listError("check read models", err)
}

// indexed is a table with its index.
type indexed[T any] struct {
	table, index string
	last         uint64 // number of its last row
	decode       func([]byte) (*T, error)
	terms        func(*T) []term
}

func checkBuilds(ctx context.Context, v *view) error {
	values := map[string]bool{}
	builds := indexed[Build]{tableBuilds, tableBuildIndex, v.state.builds, decodeBuild, buildTerms}
	err := builds.check(ctx, v, func(b *Build) {
		for _, k := range valueKeys(b.Pipeline, b.Job, b.Ref) {
			values[string(k)] = true
		}
	})
	if err != nil {
		return err
	}
	return checkValues(v, tableBuildTerms, values)
}

func checkBuildsets(ctx context.Context, v *view) error {
	values := map[string]bool{}
	sets := indexed[Buildset]{tableBuildsets, tableBuildsetIndex, v.state.buildsets, decodeBuildset, buildsetTerms}
	err := sets.check(ctx, v, func(b *Buildset) {
		for _, k := range valueKeys(b.Pipeline, "", b.Refs...) {
			values[string(k)] = true
		}
	})
	if err != nil {
		return err
	}
	return checkValues(v, tableBuildsetTerms, values)
}

// check reads all rows, gives them to see, and compares the index with what
// they want in it: that all of that is there, and nothing else.
func (x *indexed[T]) check(ctx context.Context, v *view, see func(*T)) error {
	entries := 0
	c := v.table(x.index).Cursor()
	for id := uint64(1); id <= x.last; id++ {
		if id%everySeeks == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := get(v, x.table, id, x.decode)
		if err != nil {
			return err
		}
		see(row)
		for _, t := range x.terms(row) {
			want := t.key(id)
			if k, _ := c.Seek(want); !bytes.Equal(k, want) {
				return v.damaged(x.index, want, fmt.Errorf("entry of row %d is missing", id))
			}
			entries++
		}
	}
	if err := checkCount(v, x.table, int(x.last)); err != nil {
		return err
	}
	return checkCount(v, x.index, entries)
}

// checkValues compares the values that patterns are compared with.
func checkValues(v *view, table string, want map[string]bool) error {
	for k := range want {
		if v.table(table).Get([]byte(k)) == nil {
			return v.damaged(table, []byte(k), errors.New("value is missing"))
		}
	}
	return checkCount(v, table, len(want))
}

// checkCount compares the number of a table's entries.
func checkCount(v *view, table string, want int) error {
	have := 0
	bare := strings.Contains(table, ".") // an index or values: keys alone
	c := v.table(table).Cursor()
	for k, stored := c.First(); k != nil; k, stored = c.Next() {
		if bare && len(stored) > 0 {
			return v.damaged(table, k, fmt.Errorf("%d bytes where none belong", len(stored)))
		}
		have++
	}
	if have != want {
		return v.damaged(table, nil, fmt.Errorf("%d entries where %d belong", have, want))
	}
	return nil
}

func checkSums(ctx context.Context, v *view, table string) error {
	rows := 0
	return v.table(table).ForEach(func(k, stored []byte) error {
		if rows++; rows%everySeeks == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := unseal(table, k, stored); err != nil {
			return v.damaged(table, k, err)
		}
		return nil
	})
}
