package replica

import (
	"errors"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// Status is how far a tenant's readers are.
type Status struct {
	Tenant scheduler.TenantName
	// Folded is the last commit in the live state, Projected the last in the
	// read models.
	Folded, Projected uint64
	// Live says that the state has reached what was the log's head when the
	// tenant was first read, CaughtUp that the read models have too.
	Live, CaughtUp bool
	// Err is why the tenant stopped, or the trouble after which it tries
	// again; nil otherwise.
	Err error
	// Stopped says that only a restart on a repaired log helps.
	Stopped bool
}

// Status returns the status of each tenant, in name order.
func (r *Replica) Status() []Status {
	var out []Status
	for _, name := range r.Tenants() {
		out = append(out, r.tenant(name).status())
	}
	return out
}

// Ready returns nil when the live state of every tenant has reached what was
// the log's head when it was first read and none has stopped, or else why not.
// Read models may be behind then, for they can be queried while they fill.
func (r *Replica) Ready() error {
	r.mu.Lock()
	looked := r.looked
	r.mu.Unlock()
	if !looked {
		return errors.New("the log's tenants are not known yet")
	}
	var errs []error
	for _, at := range r.Status() {
		switch {
		case at.Stopped:
			errs = append(errs, fmt.Errorf("tenant %s: %w: %w", at.Tenant, ErrStopped, at.Err))
		case !at.Live && at.Err != nil:
			errs = append(errs, fmt.Errorf("tenant %s: %w", at.Tenant, at.Err))
		case !at.Live:
			errs = append(errs, fmt.Errorf("tenant %s: %w: at commit %d", at.Tenant, ErrNotReady, at.Folded))
		}
	}
	return errors.Join(errs...)
}
