package semaphores

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/gozer-ci/gozer/scheduler"
)

// Arbiter grants global semaphores. A grant gives all that was asked for, so
// that no two tenants wait for each other. Between tenants the one that waits
// longest comes first; which of a tenant's asks is served follows the order of
// its queues.
type Arbiter struct {
	grant func(scheduler.TenantName, scheduler.GrantedSemaphores)

	mu  sync.Mutex
	max map[scheduler.SemaphoreName]int
	// unknown are tenants that did not say yet what they hold. Nothing is
	// granted while there is one.
	unknown map[scheduler.TenantName]bool
	tenants map[scheduler.TenantName]*tenant
	count   map[scheduler.SemaphoreName]int // holders of all tenants
	arrived uint64
}

type tenant struct {
	name    scheduler.TenantName
	waiting []scheduler.AcquireSemaphores // in the tenant's order
	// turns has an entry for each that waits: when it came, oldest first. The
	// ask that is served takes the oldest, whichever it is.
	turns []uint64
	held  map[scheduler.AskID][]scheduler.SemaphoreName
}

// New returns an arbiter of the tenants listed, which are all still to be
// restored. grant is told of each grant, must not block and must not call back.
func New(tenants []scheduler.TenantName, grant func(scheduler.TenantName, scheduler.GrantedSemaphores)) *Arbiter {
	a := &Arbiter{
		grant: grant, max: map[scheduler.SemaphoreName]int{}, unknown: map[scheduler.TenantName]bool{},
		tenants: map[scheduler.TenantName]*tenant{}, count: map[scheduler.SemaphoreName]int{},
	}
	for _, t := range tenants {
		a.unknown[t] = true
	}
	return a
}

// Limit sets how many may hold each semaphore; one that is not listed has room
// for one. Holders of a maximum that was lowered keep what they have.
func (a *Arbiter) Limit(limits map[scheduler.SemaphoreName]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.max = maps.Clone(limits)
	a.serve()
}

// Restore replaces what is known of a tenant by what its state says that it
// holds and waits for. What was granted and the state does not know of yet is
// granted again: a state is also loaded anew after a failed append, with the
// grant still under way, and another tenant must not get it meanwhile.
func (a *Arbiter) Restore(name scheduler.TenantName, claims []scheduler.AcquireSemaphores) {
	a.mu.Lock()
	defer a.mu.Unlock()
	granted := a.tenant(name).held
	a.drop(name)
	delete(a.unknown, name)
	for _, c := range claims {
		_, before := granted[c.Ask]
		switch {
		case c.Held:
			a.hold(a.tenant(name), c.Ask, c.Semaphores)
		case before:
			a.give(a.tenant(name), c)
		default:
			a.wait(c)
		}
	}
	a.serve()
}

// Forget drops a tenant that is gone or can't be loaded: none of its builds runs.
func (a *Arbiter) Forget(name scheduler.TenantName) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop(name)
	delete(a.unknown, name)
	a.serve()
}

// Acquire puts an ask in line. One that is known already changes nothing.
func (a *Arbiter) Acquire(e scheduler.AcquireSemaphores) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wait(e)
	a.serve()
}

// Release takes an ask back, granted or not.
func (a *Arbiter) Release(e scheduler.ReleaseSemaphores) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.tenant(e.Tenant)
	if names, ok := t.held[e.Ask]; ok {
		delete(t.held, e.Ask)
		for _, n := range names {
			a.count[n]--
		}
	} else if i := t.index(e.Ask); i >= 0 {
		t.waiting = slices.Delete(t.waiting, i, i+1)
		t.turns = t.turns[:len(t.turns)-1] // those that stay keep their turns
	}
	a.serve()
}

// Holders counts who holds a semaphore, by tenant.
func (a *Arbiter) Holders(name scheduler.SemaphoreName) map[scheduler.TenantName]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[scheduler.TenantName]int{}
	for _, t := range a.tenants {
		for _, names := range t.held {
			if slices.Contains(names, name) {
				out[t.name]++
			}
		}
	}
	return out
}

func (a *Arbiter) tenant(name scheduler.TenantName) *tenant {
	t := a.tenants[name]
	if t == nil {
		t = &tenant{name: name, held: map[scheduler.AskID][]scheduler.SemaphoreName{}}
		a.tenants[name] = t
	}
	return t
}

func (a *Arbiter) drop(name scheduler.TenantName) {
	t := a.tenants[name]
	if t == nil {
		return
	}
	for _, names := range t.held {
		for _, n := range names {
			a.count[n]--
		}
	}
	delete(a.tenants, name)
}

func (a *Arbiter) hold(t *tenant, ask scheduler.AskID, names []scheduler.SemaphoreName) {
	t.held[ask] = names
	for _, n := range names {
		a.count[n]++
	}
}

func (a *Arbiter) wait(e scheduler.AcquireSemaphores) {
	t := a.tenant(e.Tenant)
	if _, held := t.held[e.Ask]; held || t.index(e.Ask) >= 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(t.waiting, e, func(x, y scheduler.AcquireSemaphores) int {
		return cmp.Or(slices.Compare(x.Order[:], y.Order[:]), cmp.Compare(x.Ask, y.Ask))
	})
	t.waiting = slices.Insert(t.waiting, i, e)
	a.arrived++
	t.turns = append(t.turns, a.arrived)
}

func (t *tenant) index(ask scheduler.AskID) int {
	return slices.IndexFunc(t.waiting, func(e scheduler.AcquireSemaphores) bool { return e.Ask == ask })
}

// serve grants what can be granted; a.mu is held.
func (a *Arbiter) serve() {
	for len(a.unknown) == 0 && a.serveOne() {
	}
}

// serveOne grants the first ask of the tenant that waits longest and has one
// that can be served.
func (a *Arbiter) serveOne() bool {
	line := slices.SortedFunc(maps.Values(a.tenants), func(x, y *tenant) int { return cmp.Compare(x.turn(), y.turn()) })
	for _, t := range line {
		i := slices.IndexFunc(t.waiting, a.free)
		if i < 0 {
			continue
		}
		e := t.waiting[i]
		t.waiting = slices.Delete(t.waiting, i, i+1)
		t.turns = t.turns[1:]
		a.give(t, e)
		return true
	}
	return false
}

// give grants an ask.
func (a *Arbiter) give(t *tenant, e scheduler.AcquireSemaphores) {
	a.hold(t, e.Ask, e.Semaphores)
	a.grant(t.name, scheduler.GrantedSemaphores{
		Ask: e.Ask, Item: e.Item, Buildset: e.Buildset, Job: e.Job, Ref: e.Ref, Build: e.Build,
	})
}

// turn is when the tenant's longest wait began.
func (t *tenant) turn() uint64 {
	if len(t.turns) == 0 {
		return 0
	}
	return t.turns[0]
}

func (a *Arbiter) free(e scheduler.AcquireSemaphores) bool {
	return !slices.ContainsFunc(e.Semaphores, func(n scheduler.SemaphoreName) bool {
		limit, ok := a.max[n]
		if !ok {
			limit = 1
		}
		return a.count[n] >= limit
	})
}
