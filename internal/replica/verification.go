package replica

import (
	"fmt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// Verification is what Verify found.
type Verification struct {
	Tenants []TenantVerification
}

// TenantVerification is what Verify found about one tenant.
type TenantVerification struct {
	Tenant scheduler.TenantName
	// Head is the last record, Commits and Events count what was folded.
	Head    eventlog.Head
	Commits int
	Events  int
	// Live, Snapshot and Models are the commits of a running replica's state,
	// the snapshot and the read models that were compared; 0 when there was none.
	Live, Snapshot, Models uint64
	// Rows counts the rows of the rebuilt read models.
	Rows int
	// Problems are sentences; Differences are rows that differ, up to the limit.
	Problems    []string
	Differences []store.Difference
}

// OK reports whether nothing differs.
func (v *TenantVerification) OK() bool { return len(v.Problems) == 0 && len(v.Differences) == 0 }

// OK reports whether nothing differs.
func (v Verification) OK() bool {
	for i := range v.Tenants {
		if !v.Tenants[i].OK() {
			return false
		}
	}
	return true
}

func (v *verifier) problem(format string, args ...any) {
	v.out.Problems = append(v.out.Problems, fmt.Sprintf(format, args...))
}
