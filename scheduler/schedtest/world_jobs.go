package schedtest

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// finish ends a running build, or lets it pause: Pauses says which builds do
// when their run has passed. It reports whether the build has ended.
func (w *World) finish(b *Build, result scheduler.Result) bool {
	if b.Paused && !b.Resumed {
		return false // nobody has let it go on
	}
	if w.Returns != nil {
		b.Returned = w.Returns(b.StartBuild)
	}
	if result == scheduler.ResultSuccess && !b.Paused && w.Pauses != nil && w.Pauses(b.StartBuild) {
		b.Paused = true
		w.Do(scheduler.PausedBuild{Build: b.Build, Executor: "executor", Returned: b.Returned})
		return false
	}
	b.Result = result
	w.Running = slices.DeleteFunc(w.Running, func(x *Build) bool { return x == b })
	w.History = append(w.History, b)
	w.Do(scheduler.CompletedBuild{Build: b.Build, Executor: "executor", Result: b.Result, Returned: b.Returned})
	return true
}

// resume lets a paused build go on.
func (w *World) resume(id scheduler.BuildID) {
	for _, b := range w.Running {
		if b.Build == id {
			b.Resumed = true
		}
	}
}

// nextFinish is a running build that may end, or nil.
func (w *World) nextFinish() *Build {
	for _, b := range w.Running {
		if !b.Paused || b.Resumed {
			return b
		}
	}
	return nil
}

// announce says of a running build that it will fail.
func (w *World) announce(b *Build) {
	w.Do(scheduler.FailingBuild{Build: b.Build, Executor: "executor", Detail: "a task has failed"})
}

// find answers from the log: the builds of the latest buildset that provide
// what is asked for.
func (w *World) find(f scheduler.FindArtifacts) scheduler.FoundArtifacts {
	refs := map[scheduler.ItemID][]scheduler.Ref{}
	var latest scheduler.BuildsetID
	var found []scheduler.ProvidedBuild
	for _, e := range w.Events {
		switch e := e.(type) {
		case scheduler.ItemEnqueued:
			if e.Pipeline == f.Pipeline {
				refs[e.Item] = e.Refs
			}
		case scheduler.BuildCompleted:
			own := refs[e.Item]
			if e.Retry || len(own) == 0 {
				continue
			}
			ref := own[e.Ref]
			asked := slices.ContainsFunc(f.Refs, func(r scheduler.Ref) bool { return r.Key() == ref.Key() && r.Patchset == ref.Patchset })
			provides := w.provides(e)
			if !asked || !slices.ContainsFunc(provides, func(name string) bool { return slices.Contains(f.Names, name) }) {
				continue
			}
			if e.Buildset != latest {
				latest, found = e.Buildset, nil
			}
			b := scheduler.ProvidedBuild{Build: e.Build, Job: e.Job, Ref: ref, Result: e.Result, Provides: provides}
			if e.Returned != nil {
				b.Artifacts = e.Returned.Artifacts
			}
			found = append(found, b)
		}
	}
	return scheduler.FoundArtifacts{Item: f.Item, Buildset: f.Buildset, Of: f.Of, Names: f.Names, Builds: found}
}

func (w *World) provides(e scheduler.BuildCompleted) []string {
	if g := w.graphs[e.Buildset]; g != nil {
		for i := range g.Jobs {
			if g.Jobs[i].Key() == (scheduler.JobKey{Name: e.Job, Ref: e.Ref}) {
				return g.Jobs[i].Provides
			}
		}
	}
	return nil
}

// askedToSkip reports whether a report says that a job was skipped, and one of
// the same buildset that passed asked for some such.
func (w *World) askedToSkip(e scheduler.Report, key scheduler.JobKey) bool {
	skipped := slices.ContainsFunc(e.Builds, func(b scheduler.BuildSummary) bool {
		return b.Job == key.Name && b.Ref == key.Ref && b.Result == scheduler.ResultSkipped
	})
	return skipped && slices.ContainsFunc(w.History, func(b *Build) bool {
		return b.Buildset == e.Buildset && b.Result == scheduler.ResultSuccess && b.Returned != nil && b.Returned.ChildJobsGiven
	})
}
