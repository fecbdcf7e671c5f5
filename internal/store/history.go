package store

import (
	"bytes"
	"context"

	"github.com/gozer-ci/gozer/scheduler"
)

// Limits of a change's history.
const (
	historyItems    = 50
	historyRefusals = 100
)

// Item returns the history of one live item with its decisions, or ErrNotFound.
func (s *Store) Item(ctx context.Context, t scheduler.TenantName, id scheduler.ItemID) (Item, error) {
	var out Item
	err := s.view(ctx, t, func(v *view) error {
		n, ok := v.lookup(tableItemIndex, newTerm(fieldUUID, string(id)))
		if !ok {
			return ErrNotFound
		}
		var err error
		out, err = v.item(n)
		return err
	})
	return out, rowError("item", string(id), err)
}

func (v *view) item(id uint64) (Item, error) {
	r, err := get(v, tableItems, id, decodeItem)
	if err != nil {
		return Item{}, err
	}
	prefix := idKey(id)
	c := v.table(tableDecisions).Cursor()
	for k, stored := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, stored = c.Next() {
		d, err := v.decision(tableDecisions, k, stored)
		if err != nil {
			return Item{}, err
		}
		r.Decisions = append(r.Decisions, d)
	}
	return r.Item, nil
}

func (v *view) decision(table string, key, stored []byte) (Decision, error) {
	p, err := unseal(table, key, stored)
	if err != nil {
		return Decision{}, v.damaged(table, key, err)
	}
	d, err := decodeDecision(p)
	if err != nil {
		return Decision{}, v.damaged(table, key, err)
	}
	return d, nil
}

// Change returns what happened to a change: at most limit items (0 is 50) with
// all their buildsets. It is empty for an unknown change.
func (s *Store) Change(ctx context.Context, t scheduler.TenantName, k scheduler.ChangeKey, limit int) (ChangeHistory, error) {
	var out ChangeHistory
	if limit <= 0 {
		limit = historyItems
	}
	err := s.view(ctx, t, func(v *view) error {
		p := &plan{index: v.table(tableItemIndex)}
		p.terms([]term{changeTerm(k)})
		items, err := run(ctx, p, pager{limit: limit, first: v.state.items, least: 1},
			func(id uint64) (*Item, bool, error) {
				i, err := v.item(id)
				return &i, true, err
			})
		if err != nil {
			return err
		}
		out.Items = items
		for i := range items {
			sets, err := v.buildsetsOf(ctx, items[i].UUID)
			if err != nil {
				return err
			}
			out.Buildsets = append(out.Buildsets, sets...)
		}
		out.Refusals, err = v.refusals(k)
		return err
	})
	return out, listError("history of a change", err)
}

// buildsetsOf returns an item's buildsets with their builds, newest first.
func (v *view) buildsetsOf(ctx context.Context, item scheduler.ItemID) ([]Buildset, error) {
	p := &plan{index: v.table(tableBuildsetIndex)}
	equal(p, fieldItem, []scheduler.ItemID{item}, true)
	pg := pager{limit: MaxLimit, first: v.state.buildsets, least: 1}
	return run(ctx, p, pg, func(id uint64) (*Buildset, bool, error) {
		b, err := v.buildset(id)
		if err != nil {
			return nil, false, err
		}
		b.Builds, err = v.buildsOf(ctx, b.UUID)
		return b, err == nil && b.Item == item, err
	})
}

// refusals returns why a change did not enter pipelines, newest first.
func (v *view) refusals(key scheduler.ChangeKey) ([]Decision, error) {
	var out []Decision
	prefix := []byte(changeTerm(key))
	c := v.table(tableRefusals).Cursor()
	var stored []byte
	k, _ := c.Seek(term(prefix).key(maxID))
	if k == nil {
		k, stored = c.Last()
	} else {
		k, stored = c.Prev()
	}
	for ; bytes.HasPrefix(k, prefix) && len(out) < historyRefusals; k, stored = c.Prev() {
		d, err := v.decision(tableRefusals, k, stored)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}
