package web

import (
	"net/http"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// nodeDoc is a node that a job has, or that is held.
type nodeDoc struct {
	ID             scheduler.NodeID `json:"id"`
	UUID           scheduler.NodeID `json:"uuid"`
	Type           []string         `json:"type"`
	Label          string           `json:"label"`
	ConnectionType string           `json:"connection_type"`
	ExternalID     *string          `json:"external_id"`
	Provider       string           `json:"provider"`
	State          string           `json:"state"`
	StateTime      *seconds         `json:"state_time"`
	Comment        *string          `json:"comment"`
}

func nodeOf(n scheduler.ProvidedNode, state string, since time.Time, comment string) nodeDoc {
	return nodeDoc{
		ID: n.ID, UUID: n.ID, Type: []string{n.Label}, Label: n.Label, ConnectionType: n.Connection, ExternalID: orNull(n.ExternalID),
		Provider: n.Provider, State: state, StateTime: epoch(since), Comment: orNull(comment),
	}
}

// getNodes lists the nodes of a tenant: those that jobs have, and held ones.
func (s *Server) getNodes(c *call) error {
	list := []nodeDoc{}
	err := s.deps.Live.View(c.tenant, func(state *scheduler.State, _ uint64) {
		for _, d := range state.NodeDemands() {
			word, since := "ready", d.Request.RequestedAt
			if b := d.Build; b != nil && !b.StartedAt.IsZero() {
				word, since = "in-use", b.StartedAt
			}
			for _, n := range d.Request.Nodes {
				list = append(list, nodeOf(n, word, since, ""))
			}
		}
		for _, a := range state.Autoholds {
			for _, h := range a.Held {
				for _, n := range h.Nodes {
					if !h.Released {
						list = append(list, nodeOf(n, "hold", h.Since, a.Reason))
					}
				}
			}
		}
	})
	if err != nil {
		return notReady(c.tenant)
	}
	return c.json(list)
}

// nodesetRequestDoc is a request for the nodes of a job.
type nodesetRequestDoc struct {
	UUID         scheduler.NodeRequestID `json:"uuid"`
	Labels       []string                `json:"labels"`
	State        string                  `json:"state"`
	RequestTime  *seconds                `json:"request_time"`
	Buildset     scheduler.BuildsetID    `json:"buildset_uuid"`
	Pipeline     scheduler.PipelineName  `json:"pipeline_name"`
	Job          scheduler.JobName       `json:"job_name"`
	ProviderData []providerNodeData      `json:"provider_node_data"`
}

// providerNodeData says what became of one node of a request.
type providerNodeData struct {
	UUID            *string  `json:"uuid"`
	FailedProviders []string `json:"failed_providers"`
}

// getNodesetRequests lists the node requests of a tenant.
func (s *Server) getNodesetRequests(c *call) error {
	list := []nodesetRequestDoc{}
	err := s.deps.Live.View(c.tenant, func(state *scheduler.State, _ uint64) {
		for _, d := range state.NodeDemands() {
			list = append(list, nodesetRequestOf(d))
		}
	})
	if err != nil {
		return notReady(c.tenant)
	}
	return c.json(list)
}

func nodesetRequestOf(d scheduler.NodeDemand) nodesetRequestDoc {
	out := nodesetRequestDoc{
		UUID: d.Request.ID, Labels: []string{}, State: "requested", RequestTime: epoch(d.Request.RequestedAt),
		Buildset: d.Item.Buildset.ID, Pipeline: d.Item.Queue.Pipeline.Config.Name, Job: d.Job.Name, ProviderData: []providerNodeData{},
	}
	if d.Request.Provided {
		out.State = "fulfilled"
	}
	for i, n := range d.Nodeset.Nodes {
		out.Labels = append(out.Labels, n.Label)
		data := providerNodeData{FailedProviders: []string{}}
		if i < len(d.Request.Nodes) {
			id := string(d.Request.Nodes[i].ID)
			data.UUID = &id
		}
		out.ProviderData = append(out.ProviderData, data)
	}
	return out
}

// deleteNodesetRequest refuses an open request, so that the job tries its next
// nodeset or ends with NODE_FAILURE.
func (s *Server) deleteNodesetRequest(c *call) error {
	id := scheduler.NodeRequestID(c.param("request_id"))
	if !s.deps.Shared.FailRequest(c.tenant, id, "deleted by "+c.user.UID) {
		return notFound("There is no such request that is still open.", "")
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
