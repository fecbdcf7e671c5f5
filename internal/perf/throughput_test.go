package perf

import (
	"slices"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/source"
)

// approvedAtOnce is how many changes wait to merge when a round begins.
const approvedAtOnce = 1000

// BenchmarkMergeWithoutGit is a round of approvedAtOnce changes through the
// whole server: durable inputs, engine, log, read models, reports; without
// repositories and with jobs that need no executor.
func BenchmarkMergeWithoutGit(b *testing.B) {
	for _, bc := range []struct {
		name     string
		projects int
		queue    string
	}{
		{"one-queue", 1, "shared"},
		{"shared-queue-of-20-projects", 20, "shared"},
		{"20-queues", 20, ""},
	} {
		b.Run(bc.name, func(b *testing.B) { mergeWithoutGit(b, projectNames(bc.projects), bc.queue) })
	}
}

func mergeWithoutGit(b *testing.B, projects []string, queue string) {
	files := map[string]string{"config": gate(onApproval, "")}
	for _, p := range projects {
		files[p] = stanza(queue, "noop")
	}
	m := newMemory(files)
	s := serve(b, projects, app.Parts{Sources: []source.Source{m}, Merger: m})
	var took []time.Duration
	number := 0
	round := func(n int) {
		first := number + 1
		for range n {
			number++
			m.approve(number, projects[number%len(projects)])
		}
		for range n {
			<-m.merged
		}
		s.merged(number)
		for i := first; i <= number; i++ {
			took = append(took, m.latency(i))
		}
	}
	round(20)
	took = nil
	commits := s.counter("gozer_commits_total")
	rounds := 0
	spent := -cpuTime(b)
	b.ResetTimer()
	for b.Loop() {
		round(approvedAtOnce)
		rounds++
	}
	b.StopTimer()
	reportCPU(b, spent+cpuTime(b), rounds*approvedAtOnce)
	b.ReportMetric(float64(rounds*approvedAtOnce)/b.Elapsed().Seconds(), "changes/s")
	b.ReportMetric((s.counter("gozer_commits_total")-commits)/float64(rounds*approvedAtOnce), "commits/change")
	reportTimes(b, took)
}

// reportTimes reports the spread of times.
func reportTimes(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(q float64) float64 { return took[int(q*float64(len(took)-1))].Seconds() * 1000 }
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkMergeWithGit is a round of changes with one file each in real
// repositories, from the votes to the merges. The pushes are not measured.
func BenchmarkMergeWithGit(b *testing.B) {
	for _, bc := range []struct {
		name     string
		projects int
		queue    string
		changes  int
	}{
		{"one-queue", 1, "shared", 200},
		{"shared-queue-of-4-projects", 4, "shared", 200},
		{"8-queues", 8, "", 400},
	} {
		b.Run(bc.name, func(b *testing.B) { mergeWithGit(b, projectNames(bc.projects), bc.queue, bc.changes) })
	}
}

func mergeWithGit(b *testing.B, projects []string, queue string, changes int) {
	s, clones := gated(b, gate(onApproval, ""), projects, queue, "noop")
	number := 0
	prepare := func(n int) {
		for _, c := range clones {
			c.changes(number/len(clones), n/len(clones))
		}
	}
	round := func(n int) {
		for range n {
			number++
			s.approve(number)
		}
		s.merged(number)
	}
	prepare(2 * len(clones))
	round(2 * len(clones))
	rounds, spent := 0, time.Duration(0)
	for b.Loop() {
		b.StopTimer()
		prepare(changes)
		spent -= cpuTime(b)
		b.StartTimer()
		round(changes)
		spent += cpuTime(b)
		rounds++
	}
	reportCPU(b, spent, rounds*changes)
	b.ReportMetric(float64(rounds*changes)/b.Elapsed().Seconds(), "changes/s")
	b.ReportMetric(0, "ns/op")
}
