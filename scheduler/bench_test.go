package scheduler_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// noop is a job graph whose only job ends at once without an executor.
var noop = &scheduler.JobGraph{Hash: "noop", Jobs: []scheduler.FrozenJob{{Name: "noop", Voting: true, Attempts: 1}}}

// gate is a tenant whose gate tests changes with instant jobs.
func gate() *schedtest.World {
	w := schedtest.New(schedtest.Standard(), 1)
	w.Graph = func(scheduler.PipelineName, []scheduler.Ref, scheduler.Ref) *scheduler.JobGraph { return noop }
	return w
}

// approvals are the events that bring n changes into the gate.
func approvals(n int) []scheduler.Command {
	w := gate()
	out := make([]scheduler.Command, n)
	for i := range out {
		c := w.NewChange(i+1, "org/project")
		w.Approve(c)
		out[i] = scheduler.TriggerEvent{
			ID: scheduler.EventID(fmt.Sprint(i)), Connection: "local", Type: "comment-added", Ref: c.Ref,
			Votes: c.Votes, Changes: []scheduler.Change{*c},
		}
	}
	return out
}

// mergeAll brings changes into the gate one commit each and answers every
// effect at once, until all have merged: nothing but the core costs.
func mergeAll(s *scheduler.State, commands []scheduler.Command) {
	merged := 0
	m := scheduler.Meta{Time: time.Unix(0, 0)}
	for len(commands) > 0 {
		c := commands[0]
		commands = commands[1:]
		binary.BigEndian.PutUint64(m.Entropy[:], binary.BigEndian.Uint64(m.Entropy[:])+1)
		for _, e := range scheduler.Step(s, m, []scheduler.Command{c}) {
			for _, f := range scheduler.Effects(s, e) {
				switch f := f.(type) {
				case scheduler.PrepareItem:
					commands = append(commands, scheduler.PreparedItem{Item: f.Item, Buildset: f.Buildset, InPipeline: true, Graph: noop})
				case scheduler.Report:
					if f.Submit {
						merged++
					}
					commands = append(commands, scheduler.CompletedReport{Report: f.Report, Merged: f.Submit})
				}
			}
		}
	}
	if len(s.Pipeline("gate").Queues[0].Items) != 0 || merged == 0 {
		panic("the gate did not drain")
	}
}

// BenchmarkGate takes n changes from the vote to the branch, all of them in the
// queue at once.
func BenchmarkGate(b *testing.B) {
	perChange := map[int]float64{}
	for _, n := range []int{20, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			commands := approvals(n)
			for b.Loop() {
				mergeAll(gate().S, commands)
			}
			perChange[n] = float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(n)
			b.ReportMetric(perChange[n], "ns/change")
			if n == 1000 && perChange[20] > 0 {
				b.ReportMetric(perChange[n]/perChange[20], "ratio")
			}
		})
	}
}

// BenchmarkSettle measures one commit in the middle of a deep queue: a build
// ends, and nothing else follows.
func BenchmarkSettle(b *testing.B) {
	for _, n := range []int{20, 200, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := deepQueue(n)
			w.Hold = false
			builds := w.Running
			commands := make([]scheduler.Command, 0, 2)
			item := w.S.Item(builds[0].Item)
			for i := 0; b.Loop(); i++ {
				// A vote on the change: facts are renewed, the item is looked at.
				c := *w.S.Changes[item.Refs[0].Key()]
				c.Subject = fmt.Sprint("subject ", i)
				e := scheduler.TriggerEvent{
					ID: scheduler.EventID(fmt.Sprint("bench-", i)), Connection: "local", Type: "comment-added",
					Ref: c.Ref, Changes: []scheduler.Change{c},
				}
				commands = append(commands[:0], e)
				scheduler.Step(w.S, scheduler.Meta{Time: w.Now}, commands)
			}
		})
	}
}

// BenchmarkReset measures the failure of the head of a queue whose whole window
// is reset.
func BenchmarkReset(b *testing.B) {
	for _, n := range []int{20, 200, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			data, err := scheduler.Snapshot(deepQueue(n).S)
			if err != nil {
				b.Fatal(err)
			}
			var spent time.Duration
			for b.Loop() {
				b.StopTimer()
				s, err := scheduler.Restore(data)
				if err != nil {
					b.Fatal(err)
				}
				head := s.Pipeline("gate").Queues[0].Items[0]
				c := scheduler.CompletedBuild{Build: head.Buildset.Jobs[0].Build.ID, Result: scheduler.ResultFailure}
				scheduler.Step(s, scheduler.Meta{}, nil) // a restored state looks at every item once
				b.StartTimer()
				started := time.Now()
				scheduler.Step(s, scheduler.Meta{}, []scheduler.Command{c})
				spent += time.Since(started)
			}
			b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/20, "ns/active-item")
		})
	}
}

// deepQueue is a gate of n items with a window of 20, all active ones being
// tested.
func deepQueue(n int) *schedtest.World {
	w := gate()
	w.Graph = schedtest.StandardJobs
	w.Hold = true
	for i := 1; i <= n; i++ {
		w.Gate(w.NewChange(i, "org/project"))
	}
	w.Settle()
	return w
}
