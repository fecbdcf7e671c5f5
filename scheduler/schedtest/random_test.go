package schedtest_test

import (
	"flag"
	"fmt"
	"sync"
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

var (
	simSeed      = flag.Uint64("sim.seed", 0, "play only this history")
	simHistories = flag.Int("sim.histories", 10000, "number of random histories")
)

// atLeast is what a thousand histories must contain for the test to be worth
// its time: about a third of what they do.
var atLeast = schedtest.Coverage{
	"abandoned cycles":    8,
	"cycles":              170,
	"cycles that changed": 350,
	"builds cancelled for a failing dependency": 8,
	"failing dependencies":                      19,
	"ignored commands":                          1500,
	"items brought along":                       430,
	"left for want of a change":                 200,
	"left for want of a requirement":            50,
	"left with CONFIG_ERROR":                    15,
	"left with DEQUEUED":                        1500,
	"left with FAILURE":                         740,
	"left with MERGE_CONFLICT":                  22,
	"left with MERGE_FAILURE":                   3,
	"left with SUCCESS":                         920,
	"moves":                                     95,
	"non-live items":                            350,
	"refusals":                                  700,
	"asks for global semaphores":                300,
	"builds held":                               10,
	"grants given back":                         30,
	"held builds let go":                        10,
	"node failures":                             200,
	"node requests":                             2000,
	"nodes given back":                          1500,
	"ranks":                                     5,
	"playbooks that wait":                       30,
	"resets":                                    350,
	"retries":                                   115,
	"semaphores":                                490,
	"skipped jobs":                              110,
	"stale landings":                            12,
	"window changes":                            930,
}

// TestRandomHistories holds the named promises on random histories. A failure
// prints its seed; -sim.seed replays it.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	if *simSeed != 0 {
		play(t, *simSeed)
		return
	}
	const shards = 4
	var mu sync.Mutex
	total := schedtest.Coverage{}
	t.Run("shards", func(t *testing.T) {
		for shard := range shards {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				covered := schedtest.Coverage{}
				for i := shard; i < *simHistories; i += shards {
					covered.Count(play(t, uint64(i+1)))
				}
				mu.Lock()
				defer mu.Unlock()
				total.Add(covered)
			})
		}
	})
	t.Logf("in %d histories:\n%s", *simHistories, total)
	for what, n := range atLeast {
		if want := n * *simHistories / 1000; total[what] < want && *simHistories >= 1000 {
			t.Errorf("histories had %d %s, want at least %d", total[what], what, want)
		}
	}
}

func play(t *testing.T, seed uint64) *schedtest.History {
	t.Helper()
	h, err := schedtest.RunHistory(seed, 90, seed%2 == 0)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s\nreplay with: make sim HISTORY=%d", seed, err, scheduler.Describe(h.W.S), seed)
	}
	return h
}
