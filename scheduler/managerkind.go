package scheduler

// What sets the managers apart (Zuul documentation, "Pipeline: manager"). The
// queue processor asks here and knows no manager by name.

// merges reports whether success means that the source merges the changes.
func (p *PipelineConfig) merges() bool { return p.Manager == Dependent }

// sharesQueues reports whether projects that name the same queue share it.
func (p *PipelineConfig) sharesQueues() bool { return p.Manager == Dependent || p.Manager == Serial }

// wantsNeeds reports whether what a change needs must be ahead of it. The
// other managers test what happened already, most of all merged changes.
func (p *PipelineConfig) wantsNeeds() bool {
	return p.Manager == Dependent || p.Manager == Independent
}

// formsCycles reports whether changes that need each other share an item.
func (p *PipelineConfig) formsCycles() bool { return p.Manager != Supercedent }

// windowSize is the window of a new queue.
func (p *PipelineConfig) windowSize() int {
	switch p.Manager {
	case Dependent:
		return p.Window.Size
	case Serial, Supercedent:
		return 1
	}
	return 0
}
