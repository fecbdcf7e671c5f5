package scheduler

import (
	"slices"
	"strings"
	"time"
)

// NodeRequest is the request for the nodes of a job.
type NodeRequest struct {
	ID               NodeRequestID
	Priority         int
	RelativePriority int
	Provider         string // the only one that will do; mostly empty
	RequestedAt      time.Time
	// Provided says that the job has Nodes.
	Provided bool
	Nodes    []ProvidedNode
}

// nodeset is the one that the job tries now.
func (r *JobRun) nodeset() Nodeset {
	if r.Alternative == 0 {
		return r.Job.Nodeset
	}
	return r.Job.Alternatives[r.Alternative-1]
}

// nodesExhausted reports whether every nodeset of the job has failed.
func (r *JobRun) nodesExhausted() bool { return r.Alternative > len(r.Job.Alternatives) }

// needsNodes reports whether the job must ask for nodes: a nodeset without
// any is fulfilled at once.
func (r *JobRun) needsNodes() bool {
	return !r.Job.Noop() && !r.nodesExhausted() && len(r.nodeset().Nodes) > 0
}

func (r *JobRun) nodes() []ProvidedNode {
	if r.Request == nil {
		return nil
	}
	return r.Request.Nodes
}

// equip gets a job what it needs beside its dependencies, in Zuul's order
// (Zuul semantics, "Jobs: requesting nodes and starting builds"): the request
// phase takes semaphores and asks for nodes, the run phase needs the nodes and
// takes the semaphores that come after them. It reports whether the job may run.
func (t *turn) equip(it *Item, r *JobRun) bool {
	job := claim{it: it, run: r}
	switch {
	case r.Request == nil && r.nodesExhausted():
		t.failNodes(it, r)
		return false
	case r.Request == nil && r.needsNodes():
		if t.take(job, r.Job.early()) {
			t.requestNodes(it, r)
		}
		return false
	case r.Request != nil && !r.Request.Provided:
		return false
	}
	return t.take(job, r.Job.Semaphores)
}

func (t *turn) requestNodes(it *Item, r *JobRun) {
	e := NodesRequested{
		Request: NodeRequestID(t.ids.next()), Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref,
		Nodeset: r.nodeset(), Alternative: r.Alternative, Priority: int(it.Queue.Pipeline.Config.Precedence), Time: t.m.Time,
	}
	if e.Priority == 0 {
		e.Priority = int(PrecedenceNormal)
	}
	if parent := it.Buildset.pausedParent(r.Job); parent != nil {
		e.Priority--
		if nodes := parent.nodes(); len(nodes) > 0 {
			e.Provider = nodes[0].Provider
		}
	}
	if t.s.Layout.RelativePriority {
		e.RelativePriority = t.s.relativePriority(it, r.Job.Ref)
	}
	t.emit(e)
}

// failNodes gives the result NODE_FAILURE to a job whose last alternative failed.
func (t *turn) failNodes(it *Item, r *JobRun) {
	id := BuildID(t.ids.next())
	t.emit(BuildRequested{
		Build: id, Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, Attempt: r.Tries + 1, Time: t.m.Time,
	})
	for _, e := range completeBuild(r.Build, CompletedBuild{Result: ResultNodeFailure}, t.m.Time) {
		t.emit(e)
	}
}

func decideProvided(s *State, m Meta, c ProvidedNodes) ([]Event, error) {
	d, ok := s.requests[c.Request]
	if !ok {
		if c.Failed || s.holdsNodes(c.Request) {
			return nil, late(c.Request)
		}
		return []Event{NodesReleased{Request: c.Request, Reason: "nobody waits for the nodes any more", Time: m.Time}}, nil
	}
	if d.run.Request.Provided {
		return nil, late(c.Request)
	}
	key := d.run.Job.Key()
	if c.Failed || len(c.Nodes) == 0 {
		return []Event{NodesFailed{
			Request: c.Request, Item: d.item.ID, Buildset: d.item.Buildset.ID, Job: key.Name, Ref: key.Ref, Detail: c.Detail, Time: m.Time,
		}}, nil
	}
	return []Event{NodesProvided{
		Request: c.Request, Item: d.item.ID, Buildset: d.item.Buildset.ID, Job: key.Name, Ref: key.Ref, Nodes: c.Nodes, Time: m.Time,
	}}, nil
}

// rankNodes keeps the relative priority of open requests: items that left make
// those behind them more urgent (Zuul documentation, "relative_priority").
func (t *turn) rankNodes() {
	if t.s.Layout == nil || !t.s.Layout.RelativePriority || len(t.s.requests) == 0 {
		return
	}
	t.s.eachRequest(func(it *Item, r *JobRun) {
		if r.Request.Provided {
			return
		}
		if rank := t.s.relativePriority(it, r.Job.Ref); rank != r.Request.RelativePriority {
			t.emit(NodesRanked{
				Request: r.Request.ID, Item: it.ID, Buildset: it.Buildset.ID, Job: r.Job.Name, Ref: r.Job.Ref, RelativePriority: rank,
			})
		}
	})
}

// relativePriority is the item's place in its queue, or, where queues are not
// shared, among the live items of the pipeline whose projects share one; there
// it is rounded, so that it rarely changes for those far behind.
func (s *State) relativePriority(it *Item, ref int) int {
	if it.Queue.Pipeline.Config.Manager == Dependent {
		return it.Queue.index(it)
	}
	n, project := 0, it.Refs[ref].Project
count:
	for _, q := range it.Queue.Pipeline.Queues {
		for _, x := range q.Items {
			if x == it {
				break count
			}
			if x.Live && s.concerns(x, project) {
				n++
			}
		}
	}
	switch {
	case n < 10:
		return n
	case n < 100:
		return n / 10 * 10
	}
	return n / 100 * 100
}

// concerns reports whether the item tests the project or one that shares its
// change queue.
func (s *State) concerns(it *Item, p ProjectName) bool {
	queue := s.Layout.Projects[p].Queue
	return slices.ContainsFunc(it.Refs, func(r Ref) bool {
		return r.Project == p || queue != "" && s.Layout.Projects[r.Project].Queue == queue
	})
}

// resourceStatus says in Zuul's words which resource a job without build waits for.
func (r *JobRun) resourceStatus() string {
	want := r.Job.Semaphores
	switch {
	case r.Request != nil && !r.Request.Provided:
		return "node request: " + string(r.Request.ID)
	case r.Request == nil && r.needsNodes():
		want = r.Job.early()
	}
	if len(minus(want, r.Semaphores)) == 0 {
		return ""
	}
	names := make([]string, len(r.Job.Semaphores))
	for i, n := range r.Job.Semaphores {
		names[i] = string(n)
	}
	slices.Sort(names)
	return "semaphores: " + strings.Join(names, ",")
}
