// Package bolt keeps the event log of one machine in one bbolt file.
//
// Layout: bucket "tenants" has one bucket per tenant, from sequence (8 bytes,
// big endian) to encoded record; bucket "blobs" maps a hash to a CRC-32C and
// the data; bucket "format" has the version of all this. Beside the file
// stands the mark (see mark.go), which knows how far the log had come, so
// that a log that shrank is refused instead of continued.
//
// bbolt has no checksums of its own on pages with data, and panics or faults
// on some damage. All that is read is therefore checked against checksums and
// the hash chain, and all access happens inside guard.
package bolt

import (
	"context"
	"encoding/binary"
	"log/slog"
	"os"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

var (
	tenantsBucket = []byte("tenants")
	blobsBucket   = []byte("blobs")
	formatBucket  = []byte("format")
	formatKey     = []byte("version")
	formatVersion = []byte("1")
)

// Log is an event log in a file. Use Open to make one.
type Log struct {
	path   string
	db     *bbolt.DB
	file   *os.File // db's own; for its lock and to reserve space
	logger *slog.Logger
	// update runs a writing transaction; tests put failing disks here.
	update func(func(*bbolt.Tx) error) error
	// room makes sure that a transaction finds space; see reserve.
	room func(bytes, records int) error

	mu      sync.Mutex
	tenants map[scheduler.TenantName]*tenant
	queue   []*request
	dead    error // set once the log must not be written any more
	closing bool

	wake      chan struct{} // has room for one: the queue is not empty
	closed    chan struct{} // closed when followers and readers shall end
	committed chan struct{} // closed when the committing goroutine ended
	marker    *marker

	using sync.WaitGroup // readers inside bbolt
}

var _ eventlog.Log = (*Log)(nil)

// tenant is what is known in memory of one tenant: only what is durable.
type tenant struct {
	head  eventlog.Head
	grown chan struct{} // closed and replaced when head moves
}

// tenantOf returns a tenant, made when it is new. The lock is held.
func (l *Log) tenantOf(t scheduler.TenantName) *tenant {
	n := l.tenants[t]
	if n == nil {
		n = &tenant{grown: make(chan struct{})}
		l.tenants[t] = n
	}
	return n
}

func keyOf(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// Head implements eventlog.Log.
func (l *Log) Head(ctx context.Context, t scheduler.TenantName) (eventlog.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return eventlog.Head{}, eventlog.ErrClosed
	}
	if n := l.tenants[t]; n != nil {
		return n.head, ctx.Err()
	}
	return eventlog.Head{}, ctx.Err()
}

// Tenants implements eventlog.Log.
func (l *Log) Tenants(ctx context.Context) ([]scheduler.TenantName, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return nil, eventlog.ErrClosed
	}
	var names []scheduler.TenantName
	for t, n := range l.tenants {
		if n.head.Seq > 0 {
			names = append(names, t)
		}
	}
	slices.Sort(names)
	return names, ctx.Err()
}

// heads returns the durable heads of all tenants that have records.
func (l *Log) heads() map[scheduler.TenantName]eventlog.Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	heads := make(map[scheduler.TenantName]eventlog.Head, len(l.tenants))
	for t, n := range l.tenants {
		if n.head.Seq > 0 {
			heads[t] = n.head
		}
	}
	return heads
}

// view runs fn in a reading transaction. Transactions must be short: while
// one is open, bbolt reuses no page and can't enlarge its map of the file.
func (l *Log) view(fn func(*bbolt.Tx) error) error {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return eventlog.ErrClosed
	}
	l.using.Add(1)
	l.mu.Unlock()
	defer l.using.Done()
	return l.located(guard(func() error { return l.db.View(fn) }))
}

// Close implements eventlog.Log.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return nil
	}
	l.closing = true
	close(l.closed)
	l.mu.Unlock()
	<-l.committed
	l.using.Wait()
	err := l.marker.close(l.heads())
	if closeErr := l.closeFile(); err == nil {
		err = closeErr
	}
	return err
}

// closeFile closes the database. After a panic inside a transaction bbolt may
// hold its locks for ever; then only the file is closed, which releases the
// lock on it, and the map stays until the process ends.
func (l *Log) closeFile() error {
	l.mu.Lock()
	broken := isDamage(l.dead)
	l.mu.Unlock()
	if broken {
		return l.file.Close()
	}
	return guard(l.db.Close)
}
