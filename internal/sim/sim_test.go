package sim_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/sim"
)

func run(t *testing.T, o sim.Options) *sim.Result {
	t.Helper()
	o.Dir = t.TempDir()
	r, err := sim.Run(o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Failure != nil {
		t.Errorf("seed %d, step %d: %v\nreplay and reduce it with: make sim SEED=%d STEPS=%d", o.Seed, r.Failure.Step, r.Failure, o.Seed, o.Steps)
	}
	return r
}

// TestPromises plays a few runs of the whole server. Many more, of fresh seeds,
// are for make sim.
func TestPromises(t *testing.T) {
	t.Parallel()
	const seeds, steps, shards = 24, 250, 4
	var mu sync.Mutex
	covered := sim.Coverage{}
	t.Run("shards", func(t *testing.T) {
		for shard := range shards {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				for seed := shard; seed < seeds; seed += shards {
					r := run(t, sim.Options{Seed: uint64(seed + 1), Steps: steps})
					mu.Lock()
					covered.Add(r.Covered)
					mu.Unlock()
				}
			})
		}
	})
	for _, what := range covered.Blind(seeds * steps) {
		t.Errorf("the simulation goes blind: %s", what)
	}
	if t.Failed() {
		t.Logf("in %d runs:\n%s", seeds, covered)
	}
}

// TestSameSeedSameLog plays runs twice: the logs must be equal to the byte.
func TestSameSeedSameLog(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{2, 3, 5} {
		one, two := run(t, sim.Options{Seed: seed, Steps: 250}), run(t, sim.Options{Seed: seed, Steps: 250})
		if !maps.Equal(one.Heads, two.Heads) || !maps.Equal(one.Covered, two.Covered) {
			t.Errorf("seed %d gives %v and then %v", seed, one.Heads, two.Heads)
		}
	}
}

// TestTenantsAreApart leaves out all that the other tenants do: to the byte,
// the log of the one that is left must be what it was beside them (P9).
func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	compared := 0
	for seed := uint64(1); seed <= 24; seed++ {
		all := run(t, sim.Options{Seed: seed, Steps: 200, Calm: true, Open: true})
		if len(all.Heads) < 2 || all.Shared {
			continue
		}
		compared++
		for only := range len(all.Heads) {
			name := all.Tenants[only]
			alone := run(t, sim.Options{Seed: seed, Steps: 200, Calm: true, Open: true, Only: only + 1})
			if alone.Before[name] != all.Before[name] {
				t.Errorf("seed %d: beside others the log of %s ends with %s, alone with %s", seed, name, all.Before[name], alone.Before[name])
			}
		}
	}
	if compared < 5 {
		t.Errorf("only %d runs had several tenants", compared)
	}
}

// TestReduce breaks a promise on purpose and leaves out what it does not need.
func TestReduce(t *testing.T) {
	t.Parallel()
	o := sim.Options{Seed: 3, Steps: 300, Dir: t.TempDir(), Trap: func(c sim.Coverage) string {
		if c["items"] > 0 && c["crashes"] > 0 {
			return "an item and a crash"
		}
		return ""
	}}
	r, err := sim.Run(o)
	if err != nil || r.Failure == nil {
		t.Fatalf("%v, %v", err, r)
	}
	small, err := sim.Reduce(o, r.Failure, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if len(small.Steps) > 12 || len(small.Steps) >= r.Failure.Step {
		t.Errorf("reduced to %d steps of %d:\n%s", len(small.Steps), r.Failure.Step, strings.Join(small.Result.Trace, "\n"))
	}
	if !strings.Contains(small.Command(), "make sim SEED=3") {
		t.Errorf("command %q", small.Command())
	}
	keep, err := sim.ParseSteps(sim.FormatSteps(small.Steps))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 300 {
		if keep(n) != small.Options.Keep(n) {
			t.Errorf("step %d does not survive %s", n, sim.FormatSteps(small.Steps))
		}
	}
	if _, err := sim.ParseSteps("3,x"); err == nil {
		t.Error("steps that are no numbers are taken")
	}
}
