package schedtest

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// managed says what the manager of the pipeline would still do to a queue.
func (n *naive) managed(q *scheduler.Queue) {
	if len(q.Items) == 0 {
		return
	}
	p := q.Pipeline.Config
	window := map[scheduler.ManagerKind]int{scheduler.Independent: 0, scheduler.Serial: 1, scheduler.Supercedent: 1}
	if want, fixed := window[p.Manager]; fixed && q.Window != want && n.s.Layout.Pipeline(p.Name) != nil {
		n.differ(q.Items[0], "its queue has window %d in a %s pipeline", q.Window, p.Manager)
	}
	n.belongs(q)
	for _, it := range q.Items {
		if it.Report == "" {
			n.tooMany(q, it)
		}
	}
	if p.Manager != scheduler.Supercedent {
		return
	}
	for i, it := range q.Items {
		if i > 0 && i < len(q.Items)-1 && it.Report == "" {
			n.differ(it, "is superceded by the items behind it")
		}
	}
}

// belongs says whether the items of a queue that projects share may be in it.
func (n *naive) belongs(q *scheduler.Queue) {
	p := q.Pipeline.Config
	if p.Manager != scheduler.Dependent && p.Manager != scheduler.Serial || n.s.Layout.Pipeline(p.Name) == nil {
		return
	}
	for _, it := range q.Items {
		if it.Report == "" && !slices.ContainsFunc(it.Refs, func(r scheduler.Ref) bool { return n.fits(q, r) }) {
			n.differ(it, "belongs into another queue than %s", q.Name)
		}
	}
}

// fits reports whether one ref may be in a queue that projects share.
func (n *naive) fits(q *scheduler.Queue, r scheduler.Ref) bool {
	project, known := n.s.Layout.Projects[r.Project]
	if !known || !project.Pipelines[q.Pipeline.Config.Name] {
		return q.Dynamic
	}
	name, branch := project.Queue, ""
	if name == "" {
		name = scheduler.QueueName(r.Project)
	}
	if project.QueuePerBranch {
		branch = r.Branch
	}
	return q.Name == name && q.Branch == branch
}
