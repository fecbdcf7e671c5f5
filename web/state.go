package web

import "github.com/gozer-ci/gozer/scheduler"

// stateDoc says which queues of a tenant stand still, in the words of Zuul's
// API.
type stateDoc struct {
	TriggerQueuePaused     bool    `json:"trigger_queue_paused"`
	TriggerQueueDiscarding bool    `json:"trigger_queue_discarding"`
	ResultQueuePaused      bool    `json:"result_queue_paused"`
	Reason                 *string `json:"reason"`
}

func stateOf(c scheduler.Control) stateDoc {
	return stateDoc{c.TriggerPaused, c.TriggerDiscarding, c.ResultPaused, orNull(c.Reason)}
}

// ControlRequest says which queues shall stand still; what is nil stays.
type ControlRequest struct {
	Tenant                                         scheduler.TenantName
	TriggerPaused, TriggerDiscarding, ResultPaused *bool
	Reason, Actor                                  string
}

// stateBody is what setState takes; a key that is missing changes nothing.
type stateBody struct {
	TriggerQueuePaused     *bool   `json:"trigger_queue_paused"`
	TriggerQueueDiscarding *bool   `json:"trigger_queue_discarding"`
	ResultQueuePaused      *bool   `json:"result_queue_paused"`
	Reason                 *string `json:"reason"`
}

// getState shows which queues of the tenant stand still.
func (s *Server) getState(c *call) error {
	var doc stateDoc
	err := s.deps.Live.View(c.tenant, func(state *scheduler.State, _ uint64) { doc = stateOf(state.Control) })
	if err != nil {
		return notReady(c.tenant)
	}
	return c.json(doc)
}

// setState stops queues of the tenant, or lets them go on.
func (s *Server) setState(c *call) error {
	raw, err := readBody(c)
	if err != nil {
		return err
	}
	var b stateBody
	if err := raw.into(&b); err != nil {
		return err
	}
	if b.TriggerQueuePaused == nil && b.TriggerQueueDiscarding == nil && b.ResultQueuePaused == nil {
		return invalid("Say trigger_queue_paused, trigger_queue_discarding or result_queue_paused.")
	}
	seq, err := s.deps.Inputs.Control(c.Context(), ControlRequest{
		Tenant: c.tenant, Actor: c.user.UID, Reason: textOf(b.Reason),
		TriggerPaused: b.TriggerQueuePaused, TriggerDiscarding: b.TriggerQueueDiscarding, ResultPaused: b.ResultQueuePaused,
	})
	return s.accepted(c, seq, err)
}
