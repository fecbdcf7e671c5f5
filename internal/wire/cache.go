package wire

import (
	"sync"
	"weak"

	"github.com/gozer-ci/gozer/scheduler"
)

// recentBlobs are kept even if nobody uses them.
const recentBlobs = 64

// cache maps hashes to immutable values. A value in use is always found; the
// last few are found even when they are not in use.
type cache[T any] struct {
	mu     sync.Mutex
	values map[scheduler.Hash]weak.Pointer[T]
	sweep  int // size of values at which dead entries are dropped
	recent [recentBlobs]cached[T]
	next   int
}

type cached[T any] struct {
	hash  scheduler.Hash
	value *T
	data  []byte
}

// get returns the value of h, and its encoded form if that is remembered.
func (c *cache[T]) get(h scheduler.Hash) (value *T, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if value = c.values[h].Value(); value == nil {
		return nil, nil
	}
	for i := range c.recent {
		if c.recent[i].hash == h {
			return value, c.recent[i].data
		}
	}
	return value, nil
}

// put remembers a value and returns the one to use: an earlier one of the
// same hash that is alive, or v. It remembers the encoded form too, if given.
func (c *cache[T]) put(h scheduler.Hash, v *T, data []byte) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.values[h].Value(); old != nil {
		v = old
	} else {
		c.add(h, v)
	}
	for i := range c.recent {
		if c.recent[i].hash == h {
			c.recent[i].value = v
			if data != nil {
				c.recent[i].data = data
			}
			return v
		}
	}
	c.recent[c.next] = cached[T]{hash: h, value: v, data: data}
	c.next = (c.next + 1) % recentBlobs
	return v
}

func (c *cache[T]) add(h scheduler.Hash, v *T) {
	if len(c.values) >= c.sweep {
		for h, p := range c.values {
			if p.Value() == nil {
				delete(c.values, h)
			}
		}
		c.sweep = 2*len(c.values) + 4*recentBlobs
	}
	if c.values == nil {
		c.values = map[scheduler.Hash]weak.Pointer[T]{}
	}
	c.values[h] = weak.Make(v)
}

// encode returns the blob of a value.
func (c *cache[T]) encode(h scheduler.Hash, v *T) ([]blob, error) {
	if h == "" {
		return nil, errNoHash
	}
	if _, data := c.get(h); data != nil {
		return []blob{{hash: h, data: data}}, nil
	}
	data, err := appendJSON(nil, v)
	if err != nil {
		return nil, err
	}
	c.put(h, v, data)
	return []blob{{hash: h, data: data}}, nil
}

// decode returns the value of h, nil for an empty hash.
func (c *cache[T]) decode(h scheduler.Hash, fetch func(scheduler.Hash) ([]byte, error)) (*T, error) {
	if h == "" {
		return nil, nil
	}
	if v, _ := c.get(h); v != nil {
		return v, nil
	}
	v, err := fetchBlob[T](h, fetch)
	if err != nil {
		return nil, err
	}
	return c.put(h, v, nil), nil
}
