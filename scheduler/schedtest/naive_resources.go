package schedtest

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// waitsForResources says whether a job with finished dependencies has a reason
// to wait: an open request, or semaphores that are not to be had together.
func (n *naive) waitsForResources(r *scheduler.JobRun) bool {
	sets := append([]scheduler.Nodeset{r.Job.Nodeset}, r.Job.Alternatives...)
	want := r.Job.Semaphores
	switch {
	case r.Request != nil && !r.Request.Provided:
		return true
	case r.Request == nil && r.Alternative >= len(sets):
		return false // it must fail
	case r.Request == nil && len(sets[r.Alternative].Nodes) > 0 && r.Job.Name != "noop":
		want = slices.DeleteFunc(slices.Clone(want), func(s scheduler.SemaphoreName) bool { return slices.Contains(r.Job.ResourcesFirst, s) })
	}
	want = slices.DeleteFunc(slices.Clone(want), func(s scheduler.SemaphoreName) bool { return slices.Contains(r.Semaphores, s) })
	return len(want) > 0 && n.taken(want, r.Ask)
}

// taken says whether one of the semaphores is used up, or the arbiter was asked
// for those that tenants share.
func (n *naive) taken(want []scheduler.SemaphoreName, ask *scheduler.Ask) bool {
	shared := false
	for _, name := range want {
		if _, ok := n.s.Layout.GlobalSemaphores[name]; ok {
			shared = true
			continue
		}
		limit, ok := n.s.Layout.Semaphores[name]
		if !ok {
			limit = 1
		}
		if len(n.s.Holders[name]) >= limit {
			return true
		}
	}
	return shared && ask != nil
}

// playbooks says whether a playbook waits for semaphores that are free.
func (n *naive) playbooks(it *scheduler.Item) {
	if it.Buildset == nil {
		return
	}
	for _, r := range it.Buildset.Jobs {
		if b := r.Build; b != nil && !r.Done() && b.Playbook != nil && !b.Playbook.Held && len(b.Playbook.Semaphores) > 0 && !n.taken(b.Playbook.Semaphores, b.Playbook.Ask) {
			n.differ(it, "a playbook of job %s could run", r.Job.Name)
		}
	}
}

// ranks says whether open node requests have the relative priority of their
// place.
func (n *naive) ranks() {
	if !n.s.Layout.RelativePriority {
		return
	}
	for _, p := range n.s.Pipelines {
		for _, q := range p.Queues {
			for i, it := range q.Items {
				n.rank(p, i, it)
			}
		}
	}
}

func (n *naive) rank(p *scheduler.Pipeline, index int, it *scheduler.Item) {
	if it.Buildset == nil {
		return
	}
	for _, r := range it.Buildset.Jobs {
		place := index
		if p.Config.Manager != scheduler.Dependent {
			place = n.place(p, it, it.Refs[r.Job.Ref].Project)
		}
		if r.Request != nil && !r.Request.Provided && r.Request.RelativePriority != place {
			n.differ(it, "job %s has relative priority %d, naively %d", r.Job.Name, r.Request.RelativePriority, place)
		}
	}
}

// place is the rounded position of an item among those whose projects share a
// queue with own.
func (n *naive) place(p *scheduler.Pipeline, it *scheduler.Item, own scheduler.ProjectName) int {
	var all []*scheduler.Item
	for _, q := range p.Queues {
		all = append(all, q.Items...)
	}
	all = slices.DeleteFunc(all, func(x *scheduler.Item) bool { return !x.Live || !n.related(x, own) })
	place := slices.Index(all, it)
	for unit := 100; unit >= 10; unit /= 10 {
		if place >= unit {
			return place - place%unit
		}
	}
	return place
}

// related says whether an item has projects that share a queue with own.
func (n *naive) related(x *scheduler.Item, own scheduler.ProjectName) bool {
	queue := n.s.Layout.Projects[own].Queue
	return slices.ContainsFunc(x.Refs, func(r scheduler.Ref) bool {
		return r.Project == own || queue != "" && queue == n.s.Layout.Projects[r.Project].Queue
	})
}
