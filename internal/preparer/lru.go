package preparer

import (
	"container/list"
	"maps"
	"slices"
	"sync"
)

// lru keeps the most recently used values of a kind, as many as their sizes
// allow.
type lru[V any] struct {
	mu    sync.Mutex
	max   int // of the sum of sizes
	size  int
	order *list.List // of *entry[V], newest in front
	index map[string]*list.Element
}

type entry[V any] struct {
	key   string
	value V
	size  int
}

func newLRU[V any](limit int) *lru[V] {
	return &lru[V]{max: limit, order: list.New(), index: map[string]*list.Element{}}
}

// entrySize is what an entry costs beside its value.
const entrySize = 256

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

// put remembers a value. The newest stays even when it alone is too large.
func (c *lru[V]) put(key string, v V, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.index[key]; e != nil {
		c.drop(e)
	}
	size += entrySize
	c.index[key] = c.order.PushFront(&entry[V]{key: key, value: v, size: size})
	c.size += size
	for c.size > c.max && c.order.Len() > 1 {
		c.drop(c.order.Back())
	}
}

// clear forgets everything.
func (c *lru[V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order.Init()
	clear(c.index)
	c.size = 0
}

// drop is called with mu held.
func (c *lru[V]) drop(e *list.Element) {
	old := c.order.Remove(e).(*entry[V])
	delete(c.index, old.key)
	c.size -= old.size
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
