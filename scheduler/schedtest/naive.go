package schedtest

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// NaiveDifferences walks every item of every queue of a settled state as the
// queue processor of the specification does, from what the state says alone,
// and tells where it would still do something or thinks otherwise about links,
// failing reasons, buildsets or jobs. The core visits only what events marked;
// that it left nothing undone is what this shows.
func NaiveDifferences(s *scheduler.State) []string {
	if s.Layout == nil {
		return nil
	}
	n := &naive{s: s}
	for _, p := range s.Pipelines {
		for _, q := range p.Queues {
			n.queue(q)
		}
	}
	n.ranks()
	return n.found
}

type naive struct {
	s     *scheduler.State
	found []string
}

func (n *naive) differ(it *scheduler.Item, format string, args ...any) {
	n.found = append(n.found, it.Refs[0].String()+" in "+string(it.Queue.Pipeline.Config.Name)+": "+fmt.Sprintf(format, args...))
}

// queue is one pass over a queue, front to back.
func (n *naive) queue(q *scheduler.Queue) {
	var nnfi *scheduler.Item
	n.managed(q)
	for i, it := range q.Items {
		if it.Report != "" { // its final report is under way
			if len(it.Failing) == 0 {
				nnfi = it
			}
			continue
		}
		var ahead *scheduler.Item
		if it.Ahead != nil && it.Ahead.Live {
			ahead = it.Ahead
		}
		n.stays(q, i, it)
		active := q.Window == 0 || i < q.Window
		if active != it.Active() {
			n.differ(it, "active is %t", it.Active())
		}
		var failing []string
		if n.neededFails(q, i, it) {
			failing = []string{"a needed change is failing"}
			n.idle(it)
		} else {
			if ahead != nnfi {
				n.differ(it, "does not build on the nearest non-failing item")
			}
			n.prepared(it, active)
			failing = n.reasons(it)
		}
		if !slices.Equal(failing, it.Failing) {
			n.differ(it, "failing is %v, naively %v", it.Failing, failing)
		}
		if it.Live && ahead == nil && complete(it) {
			n.differ(it, "is complete and not reported")
		}
		if it.Live && len(failing) == 0 {
			nnfi = it
		}
	}
}

// stays says whether the item may be in the queue at all.
func (n *naive) stays(q *scheduler.Queue, i int, it *scheduler.Item) {
	if n.s.Layout.Pipeline(q.Pipeline.Config.Name) == nil {
		n.differ(it, "its pipeline is gone")
	}
	if !it.Live && !slices.ContainsFunc(q.Items, func(b *scheduler.Item) bool { return b.Ahead == it }) {
		n.differ(it, "is not live and nothing is behind it")
	}
	n.cycle(it)
	for _, r := range it.Refs {
		c := n.s.Changes[r.Key()]
		if !r.IsChange() || c == nil || c.Merged && len(it.Refs) > 1 {
			continue
		}
		if q.Pipeline.Config.Manager == scheduler.Dependent && (c.Merged || !c.Open || c.Blocked || c.Patchset != r.Patchset || slices.Contains(c.MissingLabels, "Workflow")) {
			n.differ(it, "can't merge any more")
		}
		for _, need := range n.needs(c) {
			if q.Pipeline.Config.Manager != scheduler.Dependent && q.Pipeline.Config.Manager != scheduler.Independent {
				break
			}
			if d := n.s.Changes[need.Change]; d != nil && !d.Merged && n.holder(q, i+1, need, d) == nil {
				n.differ(it, "%d is needed and not ahead", need.Change.Number)
			}
		}
	}
}

// holder is the item in front of position i that holds what is needed.
func (n *naive) holder(q *scheduler.Queue, i int, need scheduler.Need, c *scheduler.Change) *scheduler.Item {
	patchset := need.Patchset
	if patchset == 0 {
		patchset = c.Patchset
	}
	for _, x := range q.Items[:i] {
		for _, r := range x.Refs {
			if r.IsChange() && r.Key() == need.Change && r.Patchset == patchset {
				return x
			}
		}
	}
	return nil
}

func (n *naive) neededFails(q *scheduler.Queue, i int, it *scheduler.Item) bool {
	if q.Pipeline.Config.Manager != scheduler.Dependent {
		return false
	}
	for _, r := range it.Refs {
		c := n.s.Changes[r.Key()]
		if c == nil {
			continue
		}
		for _, need := range n.needs(c) {
			d := n.s.Changes[need.Change]
			if d == nil || d.Merged {
				continue
			}
			if x := n.holder(q, i, need, d); x != nil && len(x.Failing) > 0 {
				return true
			}
		}
	}
	return false
}

// idle says whether something still runs for an item that waits for a failure.
func (n *naive) idle(it *scheduler.Item) {
	if it.Buildset == nil {
		return
	}
	for _, r := range it.Buildset.Jobs {
		if r.Build != nil && !r.Done() || r.Request != nil || r.Ask != nil || len(r.Semaphores) > 0 {
			n.differ(it, "job %s runs for nothing", r.Job.Name)
		}
	}
}

// prepared says whether the item has the buildset that it should, and every
// job that may run does.
func (n *naive) prepared(it *scheduler.Item, active bool) {
	b := it.Buildset
	known := it.Ahead == nil || it.Ahead.Buildset != nil && it.Ahead.Buildset.Prepared
	switch {
	case b == nil && active && known:
		n.differ(it, "is not being prepared")
	case b != nil && it.Ahead != nil && it.Ahead.Buildset == nil:
		n.differ(it, "is prepared on an item that is not")
	case b == nil || !b.Prepared || b.Conflict || len(b.ConfigErrors) > 0 || !it.Live:
	default:
		n.outcomes(it)
		for _, r := range b.Jobs {
			if active && !held(it.Ahead) {
				n.job(it, r)
			}
		}
		n.playbooks(it)
	}
}

// held reports whether an item ahead makes those behind wait for a job.
func held(ahead *scheduler.Item) bool {
	if ahead == nil || !ahead.Live || ahead.Buildset == nil {
		return false
	}
	for _, r := range ahead.Buildset.Jobs {
		if r.Job.HoldFollowing && r.Result() != scheduler.ResultSuccess {
			return true
		}
	}
	return held(ahead.Ahead)
}

func (n *naive) job(it *scheduler.Item, r *scheduler.JobRun) {
	if r.Build != nil {
		return
	}
	if n.waits(it, r) {
		return
	}
	if n.waitsForResources(r) {
		return
	}
	n.differ(it, "job %s could run or must be skipped", r.Job.Name)
}

func (n *naive) reasons(it *scheduler.Item) []string {
	b := it.Buildset
	if b == nil || !b.Prepared {
		return nil
	}
	if b.Conflict {
		return []string{"it has a merge conflict"}
	}
	if len(b.ConfigErrors) > 0 {
		return []string{"it has an invalid configuration"}
	}
	for _, r := range b.Jobs {
		if w := r.Result(); r.Job.Voting && (r.Build != nil && w == "" && r.Build.Failing || w != "" && w != scheduler.ResultSuccess && w != scheduler.ResultSkipped) {
			return []string{"at least one job failed"}
		}
	}
	return nil
}

func complete(it *scheduler.Item) bool {
	b := it.Buildset
	if b == nil || !b.Prepared {
		return false
	}
	return !slices.ContainsFunc(b.Jobs, func(r *scheduler.JobRun) bool { return !r.Done() })
}
