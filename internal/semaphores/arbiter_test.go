package semaphores_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/semaphores"
	"github.com/gozer-ci/gozer/scheduler"
)

// bench is an arbiter with the grants that it gave, in order.
type bench struct {
	*semaphores.Arbiter
	granted []string
}

func setup(tenants ...scheduler.TenantName) *bench {
	b := &bench{}
	b.Arbiter = semaphores.New(tenants, func(t scheduler.TenantName, g scheduler.GrantedSemaphores) {
		b.granted = append(b.granted, fmt.Sprintf("%s:%s", t, g.Ask))
	})
	return b
}

func ask(t scheduler.TenantName, id scheduler.AskID, place uint64, names ...scheduler.SemaphoreName) scheduler.AcquireSemaphores {
	return scheduler.AcquireSemaphores{Tenant: t, Ask: id, Order: [4]uint64{place}, Semaphores: names}
}

func (b *bench) expect(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(b.granted, " "); got != want {
		t.Errorf("granted %q, want %q", got, want)
	}
}

func (b *bench) release(t scheduler.TenantName, id scheduler.AskID) {
	b.Release(scheduler.ReleaseSemaphores{Tenant: t, Ask: id})
}

func TestFirstComeBetweenTenantsAndOrderWithin(t *testing.T) {
	t.Parallel()
	b := setup()
	b.Acquire(ask("x", "1", 5, "s"))
	b.Acquire(ask("x", "2", 9, "s"))
	b.Acquire(ask("y", "3", 1, "s"))
	b.Acquire(ask("x", "4", 2, "s"))
	b.expect(t, "x:1")
	b.release("x", "1")
	// x waits longest; which of its asks goes first is x's own order. That is
	// its turn: y comes next.
	b.expect(t, "x:1 x:4")
	b.release("x", "4")
	b.expect(t, "x:1 x:4 y:3")
	b.release("y", "3")
	b.expect(t, "x:1 x:4 y:3 x:2")
}

func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	b := setup()
	b.Acquire(ask("x", "a", 0, "a"))
	b.Acquire(ask("y", "ab", 0, "a", "b"))
	b.Acquire(ask("z", "b", 0, "b"))
	b.expect(t, "x:a z:b") // y holds nothing while it waits
	b.release("x", "a")
	b.expect(t, "x:a z:b")
	b.release("z", "b")
	b.expect(t, "x:a z:b y:ab")
}

func TestNothingIsGrantedBeforeAllTenantsSaidWhatTheyHold(t *testing.T) {
	t.Parallel()
	b := setup("x", "y", "broken")
	held := ask("x", "1", 0, "s")
	held.Held = true
	b.Restore("y", []scheduler.AcquireSemaphores{ask("y", "2", 0, "s"), ask("y", "3", 0, "free")})
	b.expect(t, "")
	b.Restore("x", []scheduler.AcquireSemaphores{held})
	b.expect(t, "")
	b.Forget("broken")
	b.expect(t, "y:3")
	b.release("x", "1")
	b.expect(t, "y:3 y:2")
	if got := b.Holders("s"); len(got) != 1 || got["y"] != 1 {
		t.Errorf("holders are %v", got)
	}
}

func TestRestoreReplaces(t *testing.T) {
	t.Parallel()
	b := setup()
	b.Acquire(ask("x", "1", 0, "s"))
	b.Acquire(ask("y", "2", 0, "s"))
	b.Restore("x", nil) // its log does not know of the grant
	b.expect(t, "x:1 y:2")
}

// TestRestoreKeepsGrantsUnderWay loads a tenant's state anew while a grant is on
// its way to it.
func TestRestoreKeepsGrantsUnderWay(t *testing.T) {
	t.Parallel()
	b := setup()
	b.Acquire(ask("x", "1", 0, "s"))
	b.Acquire(ask("y", "2", 0, "s"))
	b.Restore("x", []scheduler.AcquireSemaphores{ask("x", "1", 0, "s")})
	b.expect(t, "x:1 x:1")
	if got := b.Holders("s"); len(got) != 1 || got["x"] != 1 {
		t.Errorf("holders are %v", got)
	}
	b.release("x", "1")
	b.expect(t, "x:1 x:1 y:2")
}

func TestMaximum(t *testing.T) {
	t.Parallel()
	b := setup()
	b.Limit(map[scheduler.SemaphoreName]int{"s": 2})
	for i := range 4 {
		b.Acquire(ask("x", scheduler.AskID(fmt.Sprint(i)), uint64(i), "s"))
	}
	b.expect(t, "x:0 x:1")
	b.Limit(map[scheduler.SemaphoreName]int{"s": 1}) // takes from nobody
	b.release("x", "0")
	b.expect(t, "x:0 x:1")
	b.Limit(map[scheduler.SemaphoreName]int{"s": 3})
	b.expect(t, "x:0 x:1 x:2 x:3")
}

// TestRandomAsks holds that nobody gets more than there is and that nobody
// waits for what is free, whatever the order of asks and releases.
func TestRandomAsks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		b := setup()
		limits := map[scheduler.SemaphoreName]int{"a": 1, "b": 2, "c": 3}
		b.Limit(limits)
		asks := map[string]scheduler.AcquireSemaphores{}
		var open []string
		for i := range 200 {
			if len(open) == 0 || rng.IntN(2) == 0 {
				var names []scheduler.SemaphoreName
				for _, n := range []scheduler.SemaphoreName{"a", "b", "c"} {
					if rng.IntN(2) == 0 {
						names = append(names, n)
					}
				}
				e := ask(scheduler.TenantName(fmt.Sprint("t", rng.IntN(3))), scheduler.AskID(fmt.Sprint(i)), rng.Uint64N(5), names...)
				key := fmt.Sprintf("%s:%s", e.Tenant, e.Ask)
				asks[key], open = e, append(open, key)
				b.Acquire(e)
			} else {
				k := rng.IntN(len(open))
				e := asks[open[k]]
				b.granted = slices.DeleteFunc(b.granted, func(g string) bool { return g == open[k] })
				open = slices.Delete(open, k, k+1)
				b.release(e.Tenant, e.Ask)
			}
			used := map[scheduler.SemaphoreName]int{}
			for _, g := range b.granted {
				for _, n := range asks[g].Semaphores {
					if used[n]++; used[n] > limits[n] {
						t.Fatalf("seed %d: %s has %d holders", seed, n, used[n])
					}
				}
			}
			for _, o := range open {
				if !slices.Contains(b.granted, o) && !slices.ContainsFunc(asks[o].Semaphores, func(n scheduler.SemaphoreName) bool { return used[n] >= limits[n] }) {
					t.Fatalf("seed %d: %s waits for what is free", seed, o)
				}
			}
		}
	}
}
