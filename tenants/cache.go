package tenants

import (
	"crypto/sha256"
	"sync"

	"github.com/gozer-ci/gozer/scheduler"
)

// fileKey identifies a parsed file: the objects in it know where they stand.
type fileKey struct {
	project      scheduler.ProjectName
	branch, path string
	content      [sha256.Size]byte
}

// fileCache keeps parsed files, so that a change of one file costs the
// parsing of that file. It holds two generations: what was not asked for while
// a whole generation filled up is forgotten.
type fileCache struct {
	mu         sync.Mutex
	young, old map[fileKey]*objects
	bytes      int
}

// maxCacheBytes is how many bytes of files one generation holds.
const maxCacheBytes = 32 << 20

func newFileCache() *fileCache {
	return &fileCache{young: map[fileKey]*objects{}, old: map[fileKey]*objects{}}
}

func (c *fileCache) get(k fileKey) *objects {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.young[k]
	if o == nil {
		if o = c.old[k]; o != nil {
			c.add(k, o)
		}
	}
	return o
}

func (c *fileCache) put(k fileKey, o *objects) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(k, o)
}

// add is called with mu held.
func (c *fileCache) add(k fileKey, o *objects) {
	if c.bytes += len(o.file.data); c.bytes > maxCacheBytes {
		c.young, c.old, c.bytes = map[fileKey]*objects{}, c.young, len(o.file.data)
	}
	c.young[k] = o
}
