package explain

import (
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// jobRows tell of what jobs have to do with each other while they run.
var jobRows = []row{
	rowOf(sayBuildPaused),
	rowOf(sayBuildResumed),
	rowOf(sayBuildFailing),
	rowOf(sayJobsReset),
	rowOf(sayArtifactsRequested),
	rowOf(sayArtifactsFound),
}

func sayBuildPaused(w *who, e scheduler.BuildPaused) Said {
	return sayf("%s paused, so that the jobs that depend on it can run", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref}))
}

func sayBuildResumed(w *who, e scheduler.BuildResumed) Said {
	return sayf("%s goes on", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref})).
		because("all jobs that depend on it have ended")
}

func sayBuildFailing(w *who, e scheduler.BuildFailing) Said {
	return sayf("%s will fail, although it still runs", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref})).because(e.Detail)
}

func sayJobsReset(w *who, e scheduler.JobsReset) Said {
	names := make([]string, 0, len(e.Builds))
	for _, id := range e.Builds {
		names = append(names, w.build(id))
	}
	return sayf("The jobs that depend on %s run again: %s", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref}), enumerate(names)).
		because(e.Reason)
}

func sayArtifactsRequested(_ *who, e scheduler.ArtifactsRequested) Said {
	return sayf("The history was asked what %s provided of %s", nameRefs(e.Refs), strings.Join(e.Names, ", "))
}

func sayArtifactsFound(_ *who, e scheduler.ArtifactsFound) Said {
	names := strings.Join(e.Names, ", ")
	if len(e.Builds) == 0 {
		return sayf("The history knows nobody who provided %s", names)
	}
	found := make([]string, 0, len(e.Builds))
	for _, b := range e.Builds {
		found = append(found, string(b.Job)+" of "+nameRefs([]scheduler.Ref{b.Ref})+" ("+string(b.Result)+")")
	}
	return sayf("The history has %s of %s", names, enumerate(found))
}
