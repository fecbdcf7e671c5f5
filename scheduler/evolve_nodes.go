package scheduler

import "slices"

// nodeDemand is who asked for nodes.
type nodeDemand struct {
	item *Item
	run  *JobRun
}

func (s *State) nodesRequested(e NodesRequested) {
	it := s.items[e.Item]
	r := it.Buildset.job(JobKey{e.Job, e.Ref})
	r.Alternative = e.Alternative
	r.Request = &NodeRequest{
		ID: e.Request, Priority: e.Priority, RelativePriority: e.RelativePriority, Provider: e.Provider, RequestedAt: e.Time,
	}
	s.requests[e.Request] = nodeDemand{it, r}
}

func (s *State) nodesProvided(e NodesProvided) {
	d := s.requests[e.Request]
	d.run.Request.Provided, d.run.Request.Nodes = true, e.Nodes
	s.mark(d.item)
}

// nodesFailed makes the job try its next nodeset.
func (s *State) nodesFailed(e NodesFailed) {
	d := s.requests[e.Request]
	s.dropRequest(d.run)
	d.run.Alternative++
	s.mark(d.item)
}

// nodesReleased ends a request; should the job run again, it starts with its
// first nodeset.
func (s *State) nodesReleased(e NodesReleased) {
	if d, ok := s.requests[e.Request]; ok {
		s.dropRequest(d.run)
		d.run.Alternative = 0
	}
}

func (s *State) nodesRanked(e NodesRanked) {
	s.requests[e.Request].run.Request.RelativePriority = e.RelativePriority
}

// dropRequest forgets the request of a job, if it has one.
func (s *State) dropRequest(r *JobRun) {
	if r.Request != nil {
		delete(s.requests, r.Request.ID)
		r.Request = nil
	}
}

// eachRequest visits the jobs with a node request in the order of the queues.
func (s *State) eachRequest(visit func(*Item, *JobRun)) {
	left := len(s.requests)
	for _, p := range s.Pipelines {
		for _, q := range p.Queues {
			for _, it := range q.Items {
				if left == 0 {
					return
				}
				if it.Buildset == nil {
					continue
				}
				for _, r := range it.Buildset.Jobs {
					if r.Request != nil {
						left--
						visit(it, r)
					}
				}
			}
		}
	}
}

// NodeDemand is a node request with the job that made it.
type NodeDemand struct {
	Item    *Item
	Job     *FrozenJob
	Request *NodeRequest
	Nodeset Nodeset
	Build   *Build // nil before it is requested
}

// NodeDemands lists the requests of jobs, in the order of the queues.
func (s *State) NodeDemands() []NodeDemand {
	var out []NodeDemand
	s.eachRequest(func(it *Item, r *JobRun) {
		out = append(out, NodeDemand{it, r.Job, r.Request, r.nodeset(), r.Build})
	})
	return out
}

// pausedParent is a job that this one depends on and whose build is paused, or nil.
func (b *Buildset) pausedParent(job *FrozenJob) *JobRun {
	i := slices.IndexFunc(job.Dependencies, func(d JobDependency) bool {
		r := b.job(d.Key())
		return r != nil && r.paused()
	})
	if i < 0 {
		return nil
	}
	return b.job(job.Dependencies[i].Key())
}
