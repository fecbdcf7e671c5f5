package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
	"go.etcd.io/bbolt"
)

// plan is how a filter is answered: the posting lists whose rows are in all of
// them, and whether a row must be read to know that it matches.
type plan struct {
	index  *bbolt.Bucket
	values *bbolt.Bucket // what patterns are compared with
	lists  []list
	narrow bool // some list is short by its nature
	check  bool
}

// maxUnion is how many terms are walked side by side; a pattern with more is
// checked on the rows that the other lists leave.
const maxUnion = 2048

// wideUnion is how many terms are too many beside a narrow list.
const wideUnion = 32

func (p *plan) terms(ts []term) {
	ts = distinct(ts)
	switch len(ts) {
	case 0:
		p.lists = append(p.lists, nothing{})
	case 1:
		p.lists = append(p.lists, p.posting(ts[0]))
	default:
		if len(ts) > maxUnion || (p.narrow && len(ts) > wideUnion) {
			p.check = true
			return
		}
		u := &union{}
		for _, t := range ts {
			u.lists = append(u.lists, p.posting(t))
		}
		p.lists = append(p.lists, u)
	}
}

func (p *plan) posting(t term) *posting {
	return &posting{cursor: p.index.Cursor(), term: t}
}

// equal asks that field f has one of values. Fields of which a value has few
// rows are narrow and come before the others.
func equal[T ~string](p *plan, f field, values []T, narrow bool) {
	if len(values) == 0 {
		return
	}
	ts := make([]term, 0, len(values))
	for _, v := range values {
		ts = append(ts, newTerm(f, string(v)))
	}
	p.terms(ts)
	p.narrow = p.narrow || narrow
}

func (p *plan) ints(f field, values []int, narrow bool) {
	texts := make([]string, 0, len(values))
	for _, v := range values {
		texts = append(texts, strconv.Itoa(v))
	}
	equal(p, f, texts, narrow)
}

func (p *plan) bools(f field, values ...bool) {
	if len(values) == 0 {
		return
	}
	ts := make([]term, 0, len(values))
	for _, v := range values {
		ts = append(ts, boolTerm(f, v))
	}
	p.terms(ts)
}

// patterns asks that field f matches one of the patterns.
func (p *plan) patterns(f field, patterns []string) {
	if len(patterns) == 0 {
		return
	}
	var ts []term
	var globs []string
	for _, v := range patterns {
		if strings.Contains(v, "*") {
			globs = append(globs, v)
		} else {
			ts = append(ts, newTerm(f, v))
		}
	}
	if len(globs) > 0 {
		all := p.matching(f, globs, &ts)
		if all {
			return
		}
	}
	p.terms(ts)
}

// matching appends the terms of f's values that match a glob, and reports
// whether all do.
func (p *plan) matching(f field, globs []string, ts *[]term) bool {
	all := true
	c := p.values.Cursor()
	for k, _ := c.Seek([]byte{byte(f)}); len(k) > 0 && k[0] == byte(f); k, _ = c.Next() {
		value := string(k[1:])
		if !matchPatterns(globs, value) {
			all = false
			continue
		}
		*ts = append(*ts, newTerm(f, value))
	}
	return all
}

// without asks for a result that is none of the excluded ones.
func (p *plan) without(excluded []scheduler.Result) {
	if len(excluded) == 0 {
		return
	}
	var ts []term
	c := p.index.Cursor()
	k, _ := c.Seek([]byte{byte(fieldResult)})
	for len(k) > 2+idBytes && k[0] == byte(fieldResult) {
		t := term(k[:len(k)-idBytes])
		if !excludes(t, excluded) {
			ts = append(ts, t)
		}
		if k, _ = c.Seek(t.key(maxID)); k != nil && string(k[:len(k)-idBytes]) == string(t) {
			k, _ = c.Next()
		}
	}
	p.terms(ts)
}

func excludes(t term, excluded []scheduler.Result) bool {
	for _, e := range excluded {
		if newTerm(fieldResult, string(e)) == t {
			return true
		}
	}
	return false
}

// pager cuts a page out of the rows that a plan yields.
type pager struct {
	limit, skip  int
	first, least uint64 // bounds of row numbers, newest first
}

func newPager(pg Page, last uint64) (pager, error) {
	limit, skip, err := limits(pg.Limit, pg.Skip)
	if pg.MaxID != 0 {
		last = min(last, pg.MaxID)
	}
	return pager{limit: limit, skip: skip, first: last, least: max(pg.MinID, 1)}, err
}

func limits(limit, skip int) (int, int, error) {
	if limit < 0 || skip < 0 {
		return 0, 0, fmt.Errorf("limit and skip can't be negative: %w", ErrFilter)
	}
	if skip > MaxSkip {
		return 0, 0, fmt.Errorf("skip is more than %d, use idx_max: %w", MaxSkip, ErrFilter)
	}
	if limit == 0 {
		limit = DefaultLimit
	}
	return min(limit, MaxLimit), skip, nil
}

// run calls take with the page's rows. match reads a row and tells whether it
// matches; a row that must match by the index and does not is damage.
func run[T any](ctx context.Context, p *plan, pg pager, match func(id uint64) (*T, bool, error)) ([]T, error) {
	if len(p.lists) == 0 {
		p.lists = append(p.lists, everything{last: pg.first})
		if !p.check { // no need to walk over what is skipped
			pg.first -= min(pg.first, uint64(pg.skip))
			pg.skip = 0
		}
	}
	var out []T
	err := intersect(ctx, p.lists, pg.first, func(id uint64) (bool, error) {
		if id < pg.least {
			return false, nil
		}
		if !p.check && pg.skip > 0 {
			pg.skip--
			return true, nil
		}
		row, ok, err := match(id)
		switch {
		case err != nil:
			return false, err
		case !ok && !p.check:
			return false, &DamageError{Where: fmt.Sprintf("index entry of row %d", id), Err: errIndex}
		case !ok:
			return true, nil
		case pg.skip > 0:
			pg.skip--
			return true, nil
		}
		out = append(out, *row)
		return len(out) < pg.limit, nil
	})
	return out, err
}
