package explain

import (
	"fmt"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// buildRows tell of jobs, their builds, and what those need.
var buildRows = []row{
	rowOf(sayBuildRequested),
	rowOf(sayBuildStarted),
	rowOf(sayBuildCompleted),
	rowOf(sayJobSkipped),
}

// sayBuildRequested tells why the job may run now.
func sayBuildRequested(w *who, e scheduler.BuildRequested) Said {
	key := scheduler.JobKey{Name: e.Job, Ref: e.Ref}
	name := w.job(e.Item, key)
	m := w.items[e.Item]
	if m != nil && m.last[key] != nil && !m.last[key].skipped {
		before := m.last[key]
		return sayf("%s was requested again, attempt %d", name, e.Attempt).
			because(fmt.Sprintf("attempt %d ended with %s", before.attempt, before.result))
	}
	s := sayf("%s was requested", name)
	if after := m.dependencies(key); after != "" {
		return s.because("it follows " + after)
	}
	return s
}

// dependencies names the jobs that a job follows, with their results.
func (m *member) dependencies(key scheduler.JobKey) string {
	if m == nil || m.graph == nil {
		return ""
	}
	var out []string
	for i := range m.graph.Jobs {
		if m.graph.Jobs[i].Key() != key {
			continue
		}
		for _, d := range m.graph.Jobs[i].Dependencies {
			name := jobName(m.refs, d.Key())
			if r := m.last[d.Key()]; r != nil && r.result != "" {
				name += " (" + string(r.result) + ")"
			}
			out = append(out, name)
		}
	}
	return enumerate(out)
}

func sayBuildStarted(w *who, e scheduler.BuildStarted) Said {
	if e.Executor == "" {
		return sayf("%s needs no executor", w.build(e.Build)).minor()
	}
	return sayf("%s runs on executor %s", w.build(e.Build), e.Executor)
}

func sayBuildCompleted(w *who, e scheduler.BuildCompleted) Said {
	name := w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref})
	s := sayf("%s ended with %s", name, e.Result)
	if e.Retry {
		s = sayf("%s ended with %s; another attempt follows", name, e.Result)
	}
	return s.because(e.Detail)
}

func sayJobSkipped(w *who, e scheduler.JobSkipped) Said {
	return sayf("%s was skipped", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref})).
		because(strings.TrimPrefix(e.Reason, "Skipped due to "))
}
