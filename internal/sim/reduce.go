package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Reduced is a failing run of which nothing more can be left out.
type Reduced struct {
	Options Options
	Result  *Result
	// Steps that are played, in order.
	Steps []int
	// Tries is how many runs it took.
	Tries int
}

// reducer leaves things out of a run as long as it fails in the same way.
type reducer struct {
	o     Options
	want  string // the broken promise
	last  *Result
	tries int
	until time.Time
}

// Reduce looks for a smaller run that breaks the same promise, for some time.
func Reduce(o Options, f *Failure, patience time.Duration) (Reduced, error) {
	o.Steps = min(o.Steps, f.Step+1)
	steps := make([]int, 0, o.Steps)
	for i := range o.Steps {
		if o.Keep == nil || o.Keep(i) {
			steps = append(steps, i)
		}
	}
	r := &reducer{o: o, want: f.Property, until: time.Now().Add(patience)}
	r.o.Trace = true
	if !r.fails(steps, o.Without) {
		return Reduced{}, fmt.Errorf("seed %d fails with %q and not when it is played again", o.Seed, f.Property)
	}
	without := r.leaveOut(steps, o.Without)
	steps = r.shorten(steps, without)
	r.fails(steps, without)
	r.o.Keep, r.o.Without = keep(steps), without
	return Reduced{Options: r.o, Result: r.last, Steps: steps, Tries: r.tries}, nil
}

// fails plays a part of the run and reports whether it fails as the whole did.
func (r *reducer) fails(steps []int, without map[string]bool) bool {
	o := r.o
	o.Keep, o.Without = keep(steps), without
	r.tries++
	res, err := Run(o)
	if err != nil || res.Failure == nil || res.Failure.Property != r.want {
		return false
	}
	r.last = res
	return true
}

func (r *reducer) late() bool { return time.Now().After(r.until) }

// leaveOut tries to do without each kind of fault and move.
func (r *reducer) leaveOut(steps []int, without map[string]bool) map[string]bool {
	names := sortedKeys(faults)
	for _, m := range moves {
		names = append(names, m.name)
	}
	for _, name := range names {
		if without[name] || r.late() {
			continue
		}
		more := map[string]bool{name: true}
		for k := range without {
			more[k] = true
		}
		if r.fails(steps, more) {
			without = more
		}
	}
	return without
}

// shorten leaves out halves, quarters and so on, down to single steps.
func (r *reducer) shorten(steps []int, without map[string]bool) []int {
	for size := (len(steps) + 1) / 2; size > 0 && !r.late(); size /= 2 {
		for at := 0; at < len(steps) && !r.late(); {
			less := slices.Delete(slices.Clone(steps), at, min(at+size, len(steps)))
			if r.fails(less, without) {
				steps = less
			} else {
				at += size
			}
		}
	}
	return steps
}

func keep(steps []int) func(int) bool {
	set := make(map[int]bool, len(steps))
	for _, n := range steps {
		set[n] = true
	}
	return func(n int) bool { return set[n] }
}

// FormatSteps writes steps as ranges, such as 3,7-9; "none" when there are none.
func FormatSteps(steps []int) string {
	if len(steps) == 0 {
		return "none"
	}
	var parts []string
	for i := 0; i < len(steps); {
		j := i
		for j+1 < len(steps) && steps[j+1] == steps[j]+1 {
			j++
		}
		part := strconv.Itoa(steps[i])
		if j > i {
			part += "-" + strconv.Itoa(steps[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// ParseSteps reads what FormatSteps wrote, as a function for Options.Keep.
func ParseSteps(text string) (func(int) bool, error) {
	var steps []int
	if text == "none" {
		return keep(nil), nil
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		a, err := strconv.Atoi(from)
		b := a
		if err == nil && isRange {
			b, err = strconv.Atoi(to)
		}
		if err != nil {
			return nil, fmt.Errorf("steps %q: %w", part, err)
		}
		for n := a; n <= b; n++ {
			steps = append(steps, n)
		}
	}
	return keep(steps), nil
}

// Command is how the run is played again.
func (r Reduced) Command() string {
	c := fmt.Sprintf("make sim SEED=%d STEPS=%d", r.Options.Seed, r.Options.Steps)
	if len(r.Steps) < r.Options.Steps {
		c += " KEEP=" + FormatSteps(r.Steps)
	}
	if names := sortedKeys(r.Options.Without); len(names) > 0 {
		c += fmt.Sprintf(" WITHOUT=%q", strings.Join(names, ","))
	}
	return c
}
