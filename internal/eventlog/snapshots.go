package eventlog

import (
	"context"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// Snapshot is a tenant's folded state after one record. Losing it costs time
// and nothing else.
type Snapshot struct {
	Tenant scheduler.TenantName
	// Seq and Hash are the last record folded in.
	Seq  uint64
	Hash Hash
	// Version of Data's form. A reader folds anew when it knows another one.
	Version int
	Data    []byte
}

// Snapshots keeps the last few snapshots of each tenant. All methods may be
// called from any goroutine.
type Snapshots interface {
	// Put stores s durably and drops the tenant's oldest beyond the last few.
	Put(ctx context.Context, s Snapshot) error
	// Latest returns the tenant's newest intact snapshot with Seq at most
	// atMost, or nil. Damaged ones count as absent and are told as a warning.
	Latest(ctx context.Context, t scheduler.TenantName, atMost uint64) (*Snapshot, []SnapshotDamage, error)
	// Close releases the store.
	Close() error
}

// SnapshotDamage is a warning about a snapshot that was passed over.
type SnapshotDamage struct {
	Tenant scheduler.TenantName
	Seq    uint64
	Reason string
}

func (d SnapshotDamage) String() string {
	return fmt.Sprintf("snapshot of tenant %s at record %d is unusable: %s", d.Tenant, d.Seq, d.Reason)
}
