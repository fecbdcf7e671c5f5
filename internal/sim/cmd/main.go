// Sim plays random runs of the whole server, and histories of its core, and
// prints how each that fails is played again. See docs/reliability.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/internal/sim"
)

// settings are the flags.
type settings struct {
	seed, seeds, from uint64
	steps, histories  int
	history           uint64
	time              time.Duration
	keep, without     string
	workers           int
	counts, first     bool
	patience          time.Duration
}

func main() {
	var c settings
	flag.Uint64Var(&c.seed, "seed", 0, "play this run alone and tell what happens")
	flag.IntVar(&c.steps, "steps", 1000, "steps of a run")
	flag.Uint64Var(&c.seeds, "seeds", 0, "play so many runs")
	flag.Uint64Var(&c.from, "from", 1, "seed of the first of them")
	flag.DurationVar(&c.time, "time", time.Minute, "play runs of fresh seeds for so long")
	flag.StringVar(&c.keep, "keep", "", "play these steps only, such as 3,7-9")
	flag.StringVar(&c.without, "without", "", "leave out these moves and faults")
	flag.IntVar(&c.histories, "histories", 0, "play so many histories of the core alone")
	flag.Uint64Var(&c.history, "history", 0, "play this history of the core alone")
	flag.IntVar(&c.workers, "workers", runtime.NumCPU(), "runs at the same time")
	flag.DurationVar(&c.patience, "patience", time.Minute, "how long a failing run is reduced")
	flag.BoolVar(&c.first, "first", false, "stop at the first failure and tell after how many steps it came")
	flag.BoolVar(&c.counts, "counts", false, "print what happened how often")
	flag.Parse()
	ok, err := c.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sim:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run reports whether all promises were kept.
func (c settings) run() (bool, error) {
	switch {
	case c.seed > 0:
		return c.replay()
	case c.history > 0:
		ok := playHistory(c.history)
		if ok {
			fmt.Printf("history %d: all promises kept\n", c.history)
		}
		return ok, nil
	}
	return c.many()
}

// replay plays one run and tells its moves; a run that fails is reduced unless
// it is one that was.
func (c settings) replay() (bool, error) {
	o := sim.Options{Seed: c.seed, Steps: c.steps, Trace: true}
	for name := range strings.SplitSeq(c.without, ",") {
		if name != "" {
			if o.Without == nil {
				o.Without = map[string]bool{}
			}
			o.Without[name] = true
		}
	}
	if c.keep != "" {
		var err error
		if o.Keep, err = sim.ParseSteps(c.keep); err != nil {
			return false, err
		}
	}
	r, err := sim.Run(o)
	if err != nil {
		return false, err
	}
	if r.Failure == nil || c.keep != "" {
		fmt.Println(strings.Join(r.Trace, "\n"))
	}
	if c.counts {
		fmt.Print(r.Covered)
	}
	if r.Failure == nil {
		fmt.Printf("seed %d: all promises kept in %d steps, %d events\n", c.seed, r.Steps, r.Events)
		return true, nil
	}
	fmt.Printf("seed %d, step %d: %v\n", c.seed, r.Failure.Step, r.Failure)
	if c.keep == "" {
		return false, c.reduce(o, r.Failure)
	}
	return false, nil
}

func (c settings) reduce(o sim.Options, f *sim.Failure) error {
	small, err := sim.Reduce(o, f, c.patience)
	if err != nil {
		return err
	}
	fmt.Printf("reduced to %d of %d steps in %d runs:\n%s\n", len(small.Steps), o.Steps, small.Tries, strings.Join(small.Result.Trace, "\n"))
	fmt.Printf("replay it with: %s\n", small.Command())
	return nil
}
