package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// life is a change that goes through a pipeline with five jobs: 20 events in
// as many commits.
func life(n int, now time.Time, begin uint64) []store.Commit {
	s := &script{now: now}
	ref := change(n, 1)
	ref.Name = fmt.Sprintf("org/project-%d", n%40)
	ref.Project = scheduler.ProjectName("local/" + ref.Name)
	item, set := scheduler.ItemID(fmt.Sprintf("%032x", n)), scheduler.BuildsetID(fmt.Sprintf("5%031x", n))
	var jobs []scheduler.FrozenJob
	for j := range 5 {
		jobs = append(jobs, job(scheduler.JobName(fmt.Sprintf("job-%d", (n+j)%60)), j > 0, "debian"))
	}
	pipeline := scheduler.PipelineName("check")
	if n%4 == 0 {
		pipeline = "gate"
	}
	s.enqueue(item, pipeline, "", set, graph(jobs...), ref)
	for j := range jobs {
		id := scheduler.BuildID(fmt.Sprintf("b%030x%d", n, j))
		result := scheduler.ResultSuccess
		if (n+j)%17 == 0 {
			result = scheduler.ResultFailure
		}
		s.begin(item, set, id, jobs[j].Name, 1)
		s.end(item, set, id, jobs[j].Name, result)
	}
	s.add(scheduler.ItemDequeued{Item: item, Buildset: set, Pipeline: pipeline, Result: scheduler.ResultSuccess, Time: s.now})
	for i := range s.commits {
		s.commits[i].Seq = begin + uint64(i)
	}
	return s.commits
}

// lives are the lives of n changes, one after another.
func lives(n int) []store.Commit {
	var out []store.Commit
	for i := range n {
		out = append(out, life(i+1, epoch.Add(time.Duration(i)*time.Minute), uint64(len(out)+1))...)
	}
	return out
}

func benchStore(b *testing.B, sync bool) *store.Store {
	b.Helper()
	s, err := store.Open(filepath.Join(b.TempDir(), "models.db"), store.Options{Logger: quiet(), NoSync: !sync})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() }) // it is thrown away
	return s
}

// BenchmarkApplyLive applies one commit a transaction, synced.
func BenchmarkApplyLive(b *testing.B) {
	s := benchStore(b, true)
	commits := lives(b.N/19 + 1)
	b.ResetTimer()
	for i := range b.N {
		apply(b, s, commits[i])
	}
}

// BenchmarkApplyBulk applies 1,000 commits a transaction, as a rebuild does;
// an operation is one commit.
func BenchmarkApplyBulk(b *testing.B) {
	s := benchStore(b, true)
	commits := lives(b.N/19 + 1)[:b.N]
	b.ResetTimer()
	inBatches(b, s, commits, func(int) int { return 1000 })
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// hundred is a store of 100,000 builds, made once.
var hundred = sync.OnceValues(func() (*store.Store, error) {
	s, err := store.Open(filepath.Join(benchDir, "hundred.db"), store.Options{Logger: quiet(), NoSync: true})
	if err != nil {
		return nil, err
	}
	commits := lives(20_000)
	for len(commits) > 0 {
		n := min(1000, len(commits))
		if err := s.Apply(context.Background(), commits[:n]); err != nil {
			return nil, err
		}
		commits = commits[n:]
	}
	return s, nil
})

// benchDir is deleted by TestMain.
var benchDir string

func BenchmarkQuery100k(b *testing.B) {
	s, err := hundred()
	if err != nil {
		b.Fatal(err)
	}
	final := true
	for _, q := range []struct {
		name   string
		filter store.BuildFilter
	}{
		{"newest-50", store.BuildFilter{}},
		{"page-1000", store.BuildFilter{Page: store.Page{Skip: 50_000}}},
		{"project", store.BuildFilter{Projects: []string{"org/project-7"}}},
		{"project-page-20-by-idx_max", store.BuildFilter{Projects: []string{"org/project-7"}, Page: store.Page{MaxID: 60_000}}},
		{"project-skip-1000", store.BuildFilter{Projects: []string{"org/project-7"}, Page: store.Page{Skip: 1000}}},
		{"change", store.BuildFilter{Changes: []int{777}}},
		{"uuid", store.BuildFilter{UUIDs: []string{fmt.Sprintf("b%030x%d", 777, 2)}}},
		{"result-failure", store.BuildFilter{Results: []scheduler.Result{"FAILURE"}}},
		{"exclude-success", store.BuildFilter{ExcludeResults: []scheduler.Result{"SUCCESS"}}},
		{"project-job-pipeline-failure", store.BuildFilter{Projects: []string{"org/project-7"}, Jobs: []string{"job-1*"},
			Pipelines: []string{"check"}, Results: []scheduler.Result{"FAILURE"}}},
		{"wildcard-project", store.BuildFilter{Projects: []string{"*project-1*"}}},
		{"disjoint", store.BuildFilter{Projects: []string{"org/project-7"}, Pipelines: []string{"gate"}, Final: &final}},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Builds(context.Background(), tenant, q.filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOther100k(b *testing.B) {
	s, err := hundred()
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	for _, q := range []struct {
		name string
		run  func() error
	}{
		{"build", func() error {
			_, err := s.Build(ctx, tenant, scheduler.BuildID(fmt.Sprintf("b%030x%d", 777, 2)))
			return err
		}},
		{"buildset", func() error {
			_, err := s.Buildset(ctx, tenant, scheduler.BuildsetID(fmt.Sprintf("5%031x", 777)))
			return err
		}},
		{"buildsets-newest-50", func() error {
			_, err := s.Buildsets(ctx, tenant, store.BuildsetFilter{})
			return err
		}},
		{"badge", func() error {
			_, err := s.NewestComplete(ctx, tenant, store.BuildsetFilter{Projects: []string{"org/project-8"},
				Pipelines: []string{"gate"}, Branches: []string{"main"}})
			return err
		}},
		{"estimate", func() error {
			_, _, err := s.Estimate(ctx, tenant, "local/org/project-7", "main", "job-7")
			return err
		}},
		{"change", func() error {
			_, err := s.Change(ctx, tenant, scheduler.ChangeKey{Project: "local/org/project-7", Number: 7}, 0)
			return err
		}},
		{"build-times-job", func() error {
			_, err := s.BuildTimes(ctx, tenant, store.BuildTimesFilter{Jobs: []string{"job-7"}})
			return err
		}},
		{"build-times-all", func() error {
			_, err := s.BuildTimes(ctx, tenant, store.BuildTimesFilter{})
			return err
		}},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if err := q.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
