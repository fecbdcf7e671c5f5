package explain

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// resources says which nodes and semaphores a job waits for, and who has them.
func (n *now) resources(r *scheduler.JobRun) string {
	if q := r.Request; q != nil && !q.Provided {
		return fmt.Sprintf(" for nodes (%s), asked for since %s", labels(r), stamp(q.RequestedAt))
	}
	text := ""
	for _, name := range r.Job.Semaphores {
		// Some semaphores are taken only once the nodes are there.
		later := r.Request == nil && slices.Contains(r.Job.ResourcesFirst, name) && labels(r) != ""
		if later || slices.Contains(r.Semaphores, name) {
			continue
		}
		if one := n.semaphore(name); one != "" {
			if text != "" {
				text += ", and"
			}
			text += " for semaphore " + string(name) + ", " + one
		}
	}
	return text
}

// semaphore says who has it; empty when it can be had.
func (n *now) semaphore(name scheduler.SemaphoreName) string {
	holders := n.s.Holders[name]
	names := make([]string, len(holders))
	for i, h := range holders {
		names[i] = n.holder(h)
	}
	switch _, global := n.s.Layout.GlobalSemaphores[name]; {
	case len(holders) >= n.s.SemaphoreMax(name):
		return "held by " + enumerate(names)
	case global && len(holders) > 0:
		return "which tenants share; here it is held by " + enumerate(names)
	case global:
		return "which tenants share; another one has it, or it was asked for just now"
	}
	return ""
}

// labels names the nodes that the job tries to get now.
func labels(r *scheduler.JobRun) string {
	set := r.Job.Nodeset
	if i := r.Alternative; i > 0 && i <= len(r.Job.Alternatives) {
		set = r.Job.Alternatives[i-1]
	}
	names := make([]string, len(set.Nodes))
	for i, node := range set.Nodes {
		names[i] = node.Label
	}
	return enumerate(names)
}

func (n *now) holder(h scheduler.Holder) string {
	it := n.itemOf(h.Buildset)
	if it == nil {
		return string(h.Job)
	}
	return jobName(it.Refs, scheduler.JobKey{Name: h.Job, Ref: h.Ref}) + " of " + nameRefs(it.Refs) + " in " + string(it.Queue.Pipeline.Config.Name)
}

// itemOf finds the item of a current buildset, or nil.
func (n *now) itemOf(id scheduler.BuildsetID) *scheduler.Item {
	if n.sets == nil {
		n.sets = map[scheduler.BuildsetID]*scheduler.Item{}
		n.s.EachItem(func(it *scheduler.Item) {
			if it.Buildset != nil {
				n.sets[it.Buildset.ID] = it
			}
		})
	}
	return n.sets[id]
}
