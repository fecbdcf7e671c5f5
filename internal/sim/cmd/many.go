package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gozer-ci/gozer/internal/sim"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// historySteps is the length of a history of the core, historiesPerRun how many
// of them are played for each run of the server: they cost a hundredth.
const (
	historySteps    = 80
	historiesPerRun = 20
)

// enoughSteps make it worth to ask whether everything happened that should.
const enoughSteps = 100_000

// tally sums what all workers did.
type tally struct {
	mu        sync.Mutex
	covered   sim.Coverage
	steps     int
	events    int
	runs      int
	histories int
	failed    int
	noticed   string // when the first failure came
	err       error
}

// many plays runs side by side: a given number, or fresh ones for some time.
func (c settings) many() (bool, error) {
	began := time.Now()
	base := c.from
	fresh := c.seeds == 0 && c.histories == 0
	if fresh {
		base = rand.Uint64N(1 << 40)
	}
	t := &tally{covered: sim.Coverage{}}
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range max(1, c.workers) {
		workers.Go(func() {
			for {
				n := next.Add(1) - 1
				if c.first && t.hasFailed() {
					return
				}
				if fresh && time.Since(began) > c.time || c.seeds > 0 && n >= c.seeds || c.histories > 0 && n >= uint64(c.histories) {
					return
				}
				t.play(c, base+n, fresh)
			}
		})
	}
	workers.Wait()
	t.print(c, time.Since(began))
	if blind := t.covered.Blind(t.steps); len(blind) > 0 && t.failed == 0 && t.steps >= enoughSteps {
		fmt.Printf("the simulation goes blind:\n  %s\n", strings.Join(blind, "\n  "))
		return false, t.err
	}
	return t.failed == 0, t.err
}

// play plays what one seed stands for.
func (t *tally) play(c settings, seed uint64, fresh bool) {
	if c.histories > 0 {
		t.history(seed)
		return
	}
	if fresh {
		for i := range uint64(historiesPerRun) {
			t.history(seed*historiesPerRun + i)
		}
	}
	r, err := sim.Run(sim.Options{Seed: seed, Steps: c.steps})
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.err = err
		return
	}
	t.runs++
	t.steps += r.Steps
	t.events += r.Events
	t.covered.Add(r.Covered)
	if r.Failure != nil {
		if t.failed++; t.failed == 1 {
			t.noticed = fmt.Sprintf("noticed after %d steps in %d runs\n", t.steps, t.runs)
		}
		fmt.Printf("seed %d, step %d: %v\nreplay and reduce it with: make sim SEED=%d STEPS=%d\n",
			seed, r.Failure.Step, r.Failure, seed, c.steps)
	}
}

func (t *tally) hasFailed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed > 0
}

func (t *tally) history(seed uint64) {
	ok := playHistory(seed)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.histories++
	if !ok {
		t.failed++
	}
}

// playHistory plays one history of the core and reports whether it kept all
// promises.
func playHistory(seed uint64) bool {
	h, err := schedtest.RunHistory(seed, historySteps, seed%2 == 0)
	if err == nil {
		return true
	}
	fmt.Printf("history %d: %v\n%sreplay it with: make sim HISTORY=%d\n", seed, err, scheduler.Describe(h.W.S), seed)
	return false
}

func (t *tally) print(c settings, took time.Duration) {
	if c.counts {
		fmt.Print(t.covered)
	}
	if c.first {
		fmt.Print(t.noticed)
	}
	fmt.Printf("%d runs of the server with %d steps and %d events, %d histories of the core, %d failed, in %s\n",
		t.runs, t.steps, t.events, t.histories, t.failed, took.Round(time.Second/10))
	if t.runs > 0 {
		fmt.Printf("among them %d crashes, %d conflicts, %d lost or repeated messages, %d resets, %d merges, %d refused merges\n",
			t.covered["crashes"], t.covered["conflicts"], t.covered.Messages(), t.covered["resets"], t.covered["merges"], t.covered["refused merges"])
	}
}
