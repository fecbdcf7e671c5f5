package schedtest

import (
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// lively gives the jobs of some histories more to do with each other: the
// first one pauses or chooses who follows it, and what one provides others
// require of the changes ahead.
func (h *History) lively(seed uint64) {
	freeze := h.W.Graph
	h.W.Graph = func(p scheduler.PipelineName, base []scheduler.Ref, r scheduler.Ref) *scheduler.JobGraph {
		g := freeze(p, base, r)
		if g == nil || seed%7 > 2 {
			return g
		}
		for i := range g.Jobs {
			switch j := &g.Jobs[i]; j.Name {
			case "project-test1":
				j.Provides = []string{"images"}
			case "project-test2":
				j.Requires = []string{"docs", "images"}
			}
		}
		g.Hash += "images"
		return g
	}
	h.W.Pauses = func(b scheduler.StartBuild) bool {
		return seed%3 == 1 && b.Job.Name == "project-merge" && b.Refs[0].Number%2 == 0
	}
	h.W.Returns = func(b scheduler.StartBuild) *scheduler.Returned {
		got := &scheduler.Returned{
			Data:      []byte(`{"from":"` + string(b.Job.Name) + `"}`),
			Artifacts: []scheduler.Artifact{{Name: "log", URL: "http://example/" + string(b.Build)}},
		}
		if n := b.Refs[0].Number; seed%5 == 1 && b.Job.Name == "project-merge" && n%3 == 0 {
			got.ChildJobsGiven = true
			if n%2 == 0 {
				got.ChildJobs = []scheduler.JobName{"project-test1"}
			}
		}
		return got
	}
}

// announce lets a build that runs say that it will fail.
func (h *History) announce() {
	if n := len(h.W.Running); n > 0 && h.rng.IntN(2) == 0 {
		h.W.announce(h.W.Running[h.rng.IntN(n)])
	}
}

// related reports whether a job's start or end depends on jobs of other items.
func related(j *scheduler.FrozenJob) bool {
	return len(j.Semaphores)+len(j.Provides)+len(j.Requires)+len(j.Run) > 0
}

// inheritance holds that builds get what the jobs before them gave, and only
// that (Zuul semantics, section 7).
func (h *History) inheritance() {
	for _, b := range h.W.Running {
		it := h.W.S.Item(b.Item)
		if it == nil || it.Buildset == nil || it.Buildset.ID != b.Buildset {
			continue
		}
		for _, d := range b.Job.Dependencies {
			i := slices.IndexFunc(it.Buildset.Jobs, func(r *scheduler.JobRun) bool { return r.Job.Key() == d.Key() })
			if i < 0 || d.Soft {
				continue
			}
			p := it.Buildset.Jobs[i].Build
			passed := p != nil && (p.Result == scheduler.ResultSuccess || !p.PausedAt.IsZero())
			if !passed && h.W.S.Build(b.Build) != nil && h.W.S.Build(b.Build).Result == "" {
				h.fault("P14 dependencies", "job %s of %s runs before %s has passed", b.Job.Name, b.Item, d.Name)
			}
			if passed && !slices.ContainsFunc(b.Inherited.Artifacts, func(a scheduler.PassedArtifact) bool { return a.Job == d.Name }) {
				h.fault("P14 dependencies", "job %s of %s got nothing of %s", b.Job.Name, b.Item, d.Name)
			}
		}
	}
}

// jobs counts what jobs had to do with each other.
func (c Coverage) jobs(e scheduler.Event) {
	switch e := e.(type) {
	case scheduler.BuildPaused:
		c["pauses"]++
	case scheduler.BuildResumed:
		c["resumed builds"]++
	case scheduler.BuildFailing:
		c["early failures"]++
	case scheduler.JobsReset:
		c["reset jobs"] += len(e.Builds)
	case scheduler.ArtifactsFound:
		c["answers of the history"]++
	case scheduler.BuildCompleted:
		if strings.Contains(e.Detail, "requires artifact") {
			c["failed requirements"]++
		}
	case scheduler.BuildRequested:
		if len(e.Artifacts) > 0 {
			c["artifacts of changes ahead"]++
		}
	case scheduler.JobSkipped:
		if strings.Contains(e.Reason, "child_jobs") {
			c["jobs skipped on request"]++
		}
	}
}

// unanswered holds that a restart asks again for everything that is open.
func (h *History) unanswered() {
	asked := scheduler.OpenEffects(h.W.S)
	for _, p := range h.W.S.Pipelines {
		for _, q := range p.Queues {
			for _, it := range q.Items {
				if it.Buildset == nil {
					continue
				}
				for _, r := range it.Buildset.Jobs {
					if r.Build != nil && !r.Done() && !r.Build.ResumedAt.IsZero() && !slices.Contains(asked, scheduler.Effect(scheduler.ResumeBuild{Build: r.Build.ID})) {
						h.fault("P10 drained", "nobody lets build %s go on after a restart", r.Build.ID)
					}
				}
				for _, l := range it.Buildset.Lookups {
					if !l.Found && !slices.ContainsFunc(asked, func(f scheduler.Effect) bool {
						x, ok := f.(scheduler.FindArtifacts)
						return ok && x.Buildset == it.Buildset.ID && x.Of == l.Of && slices.Equal(x.Names, l.Names)
					}) {
						h.fault("P10 drained", "nobody asks what %s provided after a restart", l.Of)
					}
				}
			}
		}
	}
}
