package store

import (
	"bytes"
	"context"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// Check reads every row of a tenant and its entries in the indexes. It returns
// a *DamageError for the first that is not as it was written.
func (s *Store) Check(ctx context.Context, t scheduler.TenantName) error {
	err := s.view(ctx, t, func(v *view) error {
		if err := checkTable(ctx, v, tableBuilds, tableBuildIndex, v.state.builds, decodeBuild, buildTerms); err != nil {
			return err
		}
		if err := checkTable(ctx, v, tableBuildsets, tableBuildsetIndex, v.state.buildsets, decodeBuildset, buildsetTerms); err != nil {
			return err
		}
		if err := checkTable(ctx, v, tableItems, tableItemIndex, v.state.items, decodeItem, itemTerms); err != nil {
			return err
		}
		for _, name := range []string{tableDecisions, tableRefusals, tableEstimates, tableCounts} {
			if err := checkSums(ctx, v, name); err != nil {
				return err
			}
		}
		return nil
	})
	return listError("check read models", err)
}

// checkTable reads rows 1 to last and compares the index with what they want
// in it: that all of that is there, and nothing else.
func checkTable[T any](ctx context.Context, v *view, table, index string, last uint64,
	decode func([]byte) (*T, error), terms func(*T) []term) error {
	entries := 0
	c := v.table(index).Cursor()
	for id := uint64(1); id <= last; id++ {
		if id%everySeeks == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := get(v, table, id, decode)
		if err != nil {
			return err
		}
		for _, t := range terms(row) {
			want := t.key(id)
			if k, _ := c.Seek(want); !bytes.Equal(k, want) {
				return v.damaged(index, want, fmt.Errorf("entry of row %d is missing", id))
			}
			entries++
		}
	}
	have := 0
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		have++
	}
	if have != entries {
		return v.damaged(index, nil, fmt.Errorf("%d entries where the rows want %d", have, entries))
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
