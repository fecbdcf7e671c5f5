package schedtest_test

import (
	"flag"
	"fmt"
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

var (
	simSeed      = flag.Uint64("sim.seed", 0, "play only this history")
	simHistories = flag.Int("sim.histories", 10000, "number of random histories")
)

// TestRandomHistories holds the named promises on random histories. A failure
// prints its seed; -sim.seed replays it.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	const shards = 4
	for shard := range shards {
		t.Run(fmt.Sprint(shard), func(t *testing.T) {
			t.Parallel()
			for i := shard; i < *simHistories; i += shards {
				seed := uint64(i + 1)
				if *simSeed != 0 {
					seed = *simSeed
				}
				h, err := schedtest.RunHistory(seed, 80, i%2 == 1 || *simSeed%2 == 0 && *simSeed != 0)
				if err != nil {
					t.Fatalf("seed %d: %v\n%s\nreplay with: go test ./scheduler/schedtest -run TestRandomHistories -sim.seed %d", seed, err, scheduler.Describe(h.W.S), seed)
				}
				if *simSeed != 0 {
					return
				}
			}
		})
	}
}
