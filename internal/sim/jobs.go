package sim

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// pauses says which builds wait for the jobs behind them once they have passed.
func (t *tenant) pauses(f scheduler.StartBuild) bool {
	return f.Job.Name == "build" && traitsOf(t.forge.layout).pauses && f.Refs[0].Number%2 == 0
}

// returns is what a build gives back besides its result.
func (t *tenant) returns(f scheduler.StartBuild) *scheduler.Returned {
	x := traitsOf(t.forge.layout)
	if !x.provides && !x.children {
		return nil
	}
	got := &scheduler.Returned{
		Data:      []byte(`{"from":"` + string(f.Job.Name) + `"}`),
		Artifacts: []scheduler.Artifact{{Name: "log", URL: "http://logs.example/" + string(f.Build)}},
	}
	if n := f.Refs[0].Number; x.children && f.Job.Name == "build" && n%3 == 0 {
		got.ChildJobsGiven = true
		if n%2 == 0 {
			got.ChildJobs = []scheduler.JobName{"unit"}
		}
	}
	return got
}

// pause lets a build that has passed wait; false means that it does not.
func (t *tenant) pause(e *executor, r *running) bool {
	if r.paused || !t.pauses(r.f) {
		return false
	}
	r.paused = true
	t.s.tell("%s pauses %s of %s", e.name, r.f.Job.Name, itemsOf(r.f.Items))
	t.publish(scheduler.PausedBuild{Build: r.f.Build, Executor: e.name, Returned: t.returns(r.f), Time: t.s.now})
	return true
}

// resume lets a paused build go on. It is asked again while an executor that
// has the build can't be reached.
func (t *tenant) resume(b scheduler.BuildID) bool {
	for _, e := range t.s.executors {
		for _, r := range e.running {
			if r.f.Build != b {
				continue
			}
			if !e.reachable {
				return false
			}
			r.resumed = true
		}
	}
	return true
}

// waits reports whether a build is paused and nobody has let it go on. One of
// which the log says that it is over runs into its timeout.
func (r *running) waits() bool {
	b := r.t.watch.builds[r.f.Build]
	return r.paused && !r.resumed && b != nil && !b.done
}

// announce lets an executor say of a build that runs that it will fail.
func (s *Sim) announce(t *tenant) bool {
	for _, e := range s.executors {
		for _, r := range e.running {
			if r.t == t && e.reachable && !r.failing && !r.paused && t.doomed(r.f) {
				r.failing = true
				t.publish(scheduler.FailingBuild{Build: r.f.Build, Executor: e.name, Detail: "a task has failed", Time: s.now})
				return true
			}
		}
	}
	return false
}

// provided is a build of the history with what it provides.
type provided struct {
	pipeline scheduler.PipelineName
	buildset scheduler.BuildsetID
	build    scheduler.ProvidedBuild
}

// noteProvided remembers what a build provides, from the state after its end.
func (w *watch) noteProvided(e scheduler.Event) {
	c, ok := e.(scheduler.BuildCompleted)
	if !ok || c.Retry {
		return
	}
	b := w.t.folded.Build(c.Build)
	if b == nil {
		return
	}
	it := b.Buildset.Item
	for _, r := range b.Buildset.Jobs {
		if r.Job.Key() != b.Key() || len(r.Job.Provides) == 0 {
			continue
		}
		p := scheduler.ProvidedBuild{Build: c.Build, Job: c.Job, Ref: it.Refs[c.Ref], Result: c.Result, Provides: r.Job.Provides}
		if c.Returned != nil {
			p.Artifacts = c.Returned.Artifacts
		}
		w.provided = append(w.provided, provided{it.Queue.Pipeline.Config.Name, c.Buildset, p})
	}
}

// find answers from the history: the builds of the latest buildset that provide
// what is asked for.
func (t *tenant) find(f scheduler.FindArtifacts) scheduler.FoundArtifacts {
	out := scheduler.FoundArtifacts{Item: f.Item, Buildset: f.Buildset, Of: f.Of, Names: f.Names}
	var latest scheduler.BuildsetID
	for _, p := range t.watch.provided {
		same := func(r scheduler.Ref) bool { return r.Key() == p.build.Ref.Key() && r.Patchset == p.build.Ref.Patchset }
		wanted := func(name string) bool { return slices.Contains(f.Names, name) }
		if p.pipeline != f.Pipeline || !slices.ContainsFunc(f.Refs, same) || !slices.ContainsFunc(p.build.Provides, wanted) {
			continue
		}
		if p.buildset != latest {
			latest, out.Builds = p.buildset, nil
		}
		out.Builds = append(out.Builds, p.build)
	}
	return out
}
