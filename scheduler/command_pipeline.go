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

	// FoundOpenChanges answers FindOpenChanges.
	FoundOpenChanges struct {
		Report ReportID
		// Open are the open changes of the projects, Changes current facts about
		// them and what they need.
		Open    []ChangeKey
		Changes []Change
	}

	// ControlQueues asks to stop queues of the tenant or to let them go on (see
	// Control). What is nil stays as it is.
	ControlQueues struct {
		ID                EventID
		TriggerPaused     *bool
		TriggerDiscarding *bool
		ResultPaused      *bool
		Actor, Reason     string
	}
)

func (FoundOpenChanges) command() {}
func (ControlQueues) command()    {}
func (PromoteRefs) command()      {}
