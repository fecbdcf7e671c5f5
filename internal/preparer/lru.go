package preparer

import (
	"container/list"
	"maps"
	"slices"
	"sync"
)

// lru keeps the most recently used values of a kind.
type lru[V any] struct {
	mu    sync.Mutex
	max   int
	order *list.List // of *entry[V], newest in front
	index map[string]*list.Element
}

type entry[V any] struct {
	key   string
	value V
}

func newLRU[V any](limit int) *lru[V] {
	return &lru[V]{max: limit, order: list.New(), index: map[string]*list.Element{}}
}

func (c *lru[V]) get(key string) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.index[key]
	if e == nil {
		return v, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*entry[V]).value, true
}

func (c *lru[V]) put(key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.index[key]; e != nil {
		e.Value.(*entry[V]).value = v
		c.order.MoveToFront(e)
		return
	}
	c.index[key] = c.order.PushFront(&entry[V]{key: key, value: v})
	if c.order.Len() > c.max {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.index, last.Value.(*entry[V]).key)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
