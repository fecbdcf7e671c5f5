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
)

func (FailuresCounted) event() {}
