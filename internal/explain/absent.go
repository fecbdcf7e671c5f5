package explain

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// absent says why the job asked about is in no graph of the subject's items,
// or how it ended in one that is not there any more.
func (t *story) absent(sc scene) []string {
	if t.only == "" {
		return nil
	}
	var out []string
	for _, id := range t.order {
		m := t.who.items[id]
		there := slices.ContainsFunc(sc.items, func(i Item) bool { return i.ID == id })
		switch has := m.graph != nil && m.graph.Job(t.only) != nil; {
		case has && !there:
			out = append(out, t.ended(m))
		case !has && (m.graph != nil || len(m.left) > 0):
			out = append(out, t.missing(m))
		}
	}
	return out
}

// ended says how the job did in an item that has left.
func (t *story) ended(m *member) string {
	for i := range m.graph.Jobs {
		if r := m.last[m.graph.Jobs[i].Key()]; r != nil && r.job.Name == t.only && r.result != "" {
			return fmt.Sprintf("In %s %s ended with %s.", m.pipeline, jobName(m.refs, r.job), r.result)
		}
	}
	return fmt.Sprintf("In %s %s did not end.", m.pipeline, t.only)
}

// missing says why the job is not in the graph.
func (t *story) missing(m *member) string {
	for _, l := range m.left {
		if l.Job == t.only {
			return fmt.Sprintf("%s is not in the graph of jobs of %s in %s: %s.", jobName(m.refs, scheduler.JobKey{Name: l.Job, Ref: l.Ref}), nameRefs(m.refs), m.pipeline, l.Why)
		}
	}
	return fmt.Sprintf("%s is not in the graph of jobs of %s in %s: the projects do not ask for it there.", t.only, nameRefs(m.refs), m.pipeline)
}
