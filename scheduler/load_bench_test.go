package scheduler_test

import (
	"fmt"
	"testing"
)

// BenchmarkQueue takes queues of many lengths from the votes to the branch:
// all green, every tenth change failing, every head failing (the worst reset),
// a window that grows with every merge until all items are active, and fifty
// projects that share the queue. An event is one commit; ns/event is
// of the time after the queue was filled, ratio compares it with a queue of 20.
func BenchmarkQueue(b *testing.B) {
	tenth := func(i int) bool { return i%10 == 9 }
	always := func(int) bool { return true }
	for _, c := range []struct {
		name string
		load load
	}{
		{"green", load{projects: 1}},
		{"tenth-fails", load{projects: 1, fails: tenth}},
		{"head-fails", load{projects: 1, fails: always}},
		{"window-grows", load{projects: 1, grows: true}},
		{"50-projects", load{projects: 50}},
	} {
		var first float64
		for _, n := range []int{20, 200, 2000, 20000} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				l := c.load
				l.changes = n
				per := measure(b, l)
				if n == 20 {
					first = per
				} else if first > 0 {
					b.ReportMetric(per/first, "ratio")
				}
			})
		}
	}
}

// BenchmarkDependencies takes a chain of changes that need each other one by
// one, and cycles, through the gate.
func BenchmarkDependencies(b *testing.B) {
	chain := func(i int) []int {
		if i == 0 {
			return nil
		}
		return []int{i - 1}
	}
	for _, n := range []int{20, 200} {
		b.Run(fmt.Sprintf("chain/%d", n), func(b *testing.B) {
			measure(b, load{changes: n, projects: 1, needs: chain, last: true})
		})
	}
	for _, n := range []int{2, 50} {
		b.Run(fmt.Sprintf("cycle/%d", n), func(b *testing.B) {
			ring := func(i int) []int { return []int{(i + 1) % n} }
			measure(b, load{changes: n, projects: 10, needs: ring, last: true, circular: true})
		})
	}
}

// measure plays a load again and again and reports what an event costs, in
// nanoseconds.
func measure(b *testing.B, l load) float64 {
	b.Helper()
	commands := l.commands()
	var fill, drain, events, resets float64
	for b.Loop() {
		r := l.play(commands)
		fill += float64(r.fill.Nanoseconds())
		drain += float64(r.drain.Nanoseconds())
		events += float64(r.events - len(commands))
		resets += float64(r.reset)
	}
	b.ReportMetric(fill/float64(b.N)/float64(l.changes), "ns/enqueue")
	b.ReportMetric(drain/events, "ns/event")
	if resets > 0 {
		b.ReportMetric(drain/resets, "ns/reset")
	}
	return drain / events
}
