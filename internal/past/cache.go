package past

import (
	"slices"
	"sync"

	"github.com/gozer-ci/gozer/scheduler"
)

// kept is how many states are remembered, of all tenants together: who looks
// into the past mostly asks again for a time nearby.
const kept = 4

// cache remembers the states that were asked for last.
type cache struct {
	mu   sync.Mutex
	list []cached // newest last
}

type cached struct {
	tenant scheduler.TenantName
	stand  *stand
}

// take removes and returns the newest state of a tenant up to seq, or nil.
func (c *cache) take(t scheduler.TenantName, seq uint64) *stand {
	c.mu.Lock()
	defer c.mu.Unlock()
	best := -1
	for i, e := range c.list {
		if e.tenant == t && e.stand.seq <= seq && (best < 0 || e.stand.seq > c.list[best].stand.seq) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	s := c.list[best].stand
	c.list = slices.Delete(c.list, best, best+1)
	return s
}

func (c *cache) put(t scheduler.TenantName, s *stand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list = append(c.list, cached{t, s}); len(c.list) > kept {
		c.list = slices.Delete(c.list, 0, 1)
	}
}
