package store

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/binary"
	"math"

	"go.etcd.io/bbolt"
)

const maxID = math.MaxUint64

// list is a set of row numbers that is walked downwards. seek returns the
// largest number that is at most id; ids never grow from call to call.
type list interface {
	seek(id uint64) (uint64, bool)
}

// newest returns the largest row number under t that is at most id.
func newest(c *bbolt.Cursor, t term, id uint64) (uint64, bool) {
	target := t.key(id)
	k, _ := c.Seek(target)
	if k == nil {
		k, _ = c.Last()
	} else if !bytes.Equal(k, target) {
		k, _ = c.Prev()
	}
	return idUnder(k, t)
}

// idUnder returns the row number of an index key that belongs to t.
func idUnder(k []byte, t term) (uint64, bool) {
	if len(k) != len(t)+idBytes || string(k[:len(t)]) != string(t) {
		return 0, false
	}
	return binary.BigEndian.Uint64(k[len(t):]), true
}

// nearby is how many entries a posting list steps over before it searches.
const nearby = 6

// posting walks the rows of one term.
type posting struct {
	cursor *bbolt.Cursor
	term   term
	at     uint64 // last answer
	begun  bool
	ended  bool
}

func (p *posting) seek(id uint64) (uint64, bool) {
	if p.ended {
		return 0, false
	}
	if !p.begun {
		p.begun = true
		return p.found(newest(p.cursor, p.term, id))
	}
	if p.at <= id {
		return p.at, true
	}
	for range nearby {
		k, _ := p.cursor.Prev()
		at, ok := idUnder(k, p.term)
		if !ok || at <= id {
			return p.found(at, ok)
		}
	}
	return p.found(newest(p.cursor, p.term, id))
}

func (p *posting) found(id uint64, ok bool) (uint64, bool) {
	p.at, p.ended = id, !ok
	return id, ok
}

// everything is all rows up to last: rows are numbered without gaps.
type everything struct{ last uint64 }

func (e everything) seek(id uint64) (uint64, bool) {
	id = min(id, e.last)
	return id, id > 0
}

// nothing is what a filter yields whose values no row has.
type nothing struct{}

func (nothing) seek(uint64) (uint64, bool) { return 0, false }

// union walks the rows of any of several terms.
type union struct {
	lists []*posting // a heap, newest row first
	begun bool
}

func (u *union) seek(id uint64) (uint64, bool) {
	if !u.begun {
		u.begin(id)
	}
	for len(u.lists) > 0 && u.lists[0].at > id {
		if _, ok := u.lists[0].seek(id); ok {
			heap.Fix(u, 0)
		} else {
			heap.Pop(u)
		}
	}
	if len(u.lists) == 0 {
		return 0, false
	}
	return u.lists[0].at, true
}

func (u *union) begin(id uint64) {
	u.begun = true
	live := u.lists[:0]
	for _, p := range u.lists {
		if _, ok := p.seek(id); ok {
			live = append(live, p)
		}
	}
	u.lists = live
	heap.Init(u)
}

func (u *union) Len() int           { return len(u.lists) }
func (u *union) Less(i, j int) bool { return u.lists[i].at > u.lists[j].at }
func (u *union) Swap(i, j int)      { u.lists[i], u.lists[j] = u.lists[j], u.lists[i] }
func (u *union) Push(x any)         { u.lists = append(u.lists, x.(*posting)) }

func (u *union) Pop() any {
	last := u.lists[len(u.lists)-1]
	u.lists = u.lists[:len(u.lists)-1]
	return last
}

// everySeeks is how many steps a query takes between looks at its context.
const everySeeks = 1024

// intersect calls fn with the rows that are in all lists, newest first, from
// id down, until it returns false or an error, or ctx ends.
func intersect(ctx context.Context, lists []list, id uint64, fn func(uint64) (bool, error)) error {
	steps := 0
	for id > 0 {
		agreed := 0
		for i := 0; agreed < len(lists); i = (i + 1) % len(lists) {
			if steps++; steps%everySeeks == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			at, ok := lists[i].seek(id)
			switch {
			case !ok:
				return nil
			case at == id:
				agreed++
			default:
				id, agreed = at, 1
			}
		}
		more, err := fn(id)
		if err != nil || !more {
			return err
		}
		id--
	}
	return nil
}
