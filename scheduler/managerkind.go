package scheduler

// What sets the managers apart (Zuul documentation, "Pipeline: manager"). The
// queue processor asks here and knows no manager by name.

// merges reports whether success means that the source merges the changes.
func (c *PipelineConfig) merges() bool { return c.Manager == Dependent }

// sharesQueues reports whether projects that name the same queue share it.
func (c *PipelineConfig) sharesQueues() bool { return c.Manager == Dependent || c.Manager == Serial }

// wantsNeeds reports whether what a change needs must be ahead of it. The
// other managers test what happened already, most of all merged changes.
func (c *PipelineConfig) wantsNeeds() bool {
	return c.Manager == Dependent || c.Manager == Independent
}

// formsCycles reports whether changes that need each other share an item.
func (c *PipelineConfig) formsCycles() bool { return c.Manager != Supercedent }

// windowSize is the window of a new queue.
func (c *PipelineConfig) windowSize() int {
	switch c.Manager {
	case Dependent:
		return c.Window.Size
	case Serial, Supercedent:
		return 1
	}
	return 0
}
