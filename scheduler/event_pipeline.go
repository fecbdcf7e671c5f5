package scheduler

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
)

func (PromoteReceived) event() {}
func (QueuePromoted) event()   {}
func (FailuresCounted) event() {}
