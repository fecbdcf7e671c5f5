package scheduler

import "time"

// Events about pipelines and queues as a whole.
type (
	// FailuresCounted sets how many items of a pipeline failed in a row, and
	// whether it reports as a disabled one (Zuul documentation, "Pipeline:
	// disable-after-consecutive-failures").
	FailuresCounted struct {
		Pipeline PipelineName
		Failures int
		Disabled bool
	}
	// PromoteReceived accepts a promote command into the tenant's queue.
	PromoteReceived struct {
		Promote PromoteRefs
	}
	// QueuePromoted moves a queue in front of the others of its pipeline (Zuul
	// documentation, "Client: promote").
	QueuePromoted struct {
		Queue    QueueID
		Pipeline PipelineName
	}
	// LandingTold says that the open changes of the projects were told of a
	// merge (Zuul documentation, "Zuul driver: project-change-merged").
	LandingTold struct {
		Report ReportID
	}
	// ItemRequeued moves an item to the tail of another queue of its pipeline,
	// behind Ahead, because of a new layout.
	ItemRequeued struct {
		Item     ItemID
		Queue    QueueID
		Pipeline PipelineName
		Ahead    ItemID // empty at the head
		Reason   string
	}
	// QueuesControlled stops queues of the tenant or lets them go on (Zuul
	// documentation, "Tenant operations").
	QueuesControlled struct {
		ID                EventID // of the command
		TriggerPaused     bool
		TriggerDiscarding bool
		ResultPaused      bool
		Reason, Actor     string
		Time              time.Time
	}
	// TriggerDiscarded drops a trigger event that nobody has looked at.
	TriggerDiscarded struct {
		ID     EventID
		Reason string
		Time   time.Time
	}
	// ResultReceived keeps a result until results are handled again.
	ResultReceived struct {
		Result WaitingResult
	}
	// ResultHandled takes the oldest waiting result; what it means follows.
	ResultHandled struct{}
)

func (LandingTold) event()      {}
func (ItemRequeued) event()     {}
func (QueuesControlled) event() {}
func (TriggerDiscarded) event() {}
func (ResultReceived) event()   {}
func (ResultHandled) event()    {}
func (PromoteReceived) event()  {}
func (QueuePromoted) event()    {}
func (FailuresCounted) event()  {}
