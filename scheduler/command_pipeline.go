package scheduler

// Commands about pipelines and queues as a whole.
type (
	// PromoteRefs asks to move changes to the front of their queues. Number and
	// Patchset are compared, and Project where it is set; one that is not in
	// the pipeline refuses the whole request.
	PromoteRefs struct {
		ID       EventID
		Pipeline PipelineName
		// Refs in the order that they shall have.
		Refs          []Ref
		Actor, Reason string
	}
)

func (PromoteRefs) command() {}
