package web

import "github.com/gozer-ci/gozer/scheduler"

// promoteBody is what promote takes; other keys are ignored.
type promoteBody struct {
	Pipeline *string  `json:"pipeline"`
	Changes  []string `json:"changes"`
}

// PromoteRequest names changes in the order in which they shall lead their
// queues.
type PromoteRequest struct {
	Tenant   scheduler.TenantName
	Pipeline scheduler.PipelineName
	Refs     []scheduler.Ref // Number and Patchset
	Actor    string
}

// promote moves changes to the front of their queues.
func (s *Server) promote(c *call) error {
	raw, err := readBody(c)
	if err != nil {
		return err
	}
	var b promoteBody
	if err := raw.into(&b); err != nil {
		return err
	}
	r := PromoteRequest{Tenant: c.tenant, Actor: c.user.UID}
	if r.Pipeline, err = s.pipelineNamed(c, b.Pipeline); err != nil {
		return err
	}
	if len(b.Changes) == 0 {
		return invalid(`changes must name at least one "number,patchset"`)
	}
	for _, text := range b.Changes {
		var one RefRequest
		if err := one.setChange(text); err != nil {
			return err
		}
		r.Refs = append(r.Refs, scheduler.Ref{Number: one.Number, Patchset: one.Patchset})
	}
	seq, err := s.deps.Inputs.Promote(c.Context(), r)
	return s.accepted(c, seq, err)
}

// pipelineNamed checks that the tenant has the pipeline.
func (s *Server) pipelineNamed(c *call, name *string) (scheduler.PipelineName, error) {
	if name == nil {
		return "", invalid("Missing pipeline")
	}
	for _, p := range s.deps.Layouts.Layout(c.tenant).Pipelines() {
		if string(p.Name) == *name {
			return p.Name, nil
		}
	}
	return "", invalid("Unknown pipeline %.100q", *name)
}
