package scheduler

import "time"

// Events about what jobs need besides an executor: global semaphores,
// semaphores of playbooks, nodes, and what is kept of failed builds.
type (
	// SemaphoresAsked asks the arbiter of all tenants for global semaphores
	// (Zuul documentation, "Global Semaphore").
	SemaphoresAsked struct {
		Ask      AskID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int // of the item, as FrozenJob.Ref
		// Build is set when a playbook of it asks, not the job.
		Build      BuildID
		Semaphores []SemaphoreName
	}
	// SemaphoresGranted says that the arbiter gives them. They are taken in the
	// same commit or given back.
	SemaphoresGranted struct {
		Ask      AskID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int
		Build    BuildID
	}
	// PlaybookWaiting says that a build is about to run a playbook that needs
	// semaphores (Zuul documentation, "Job: run: semaphores").
	PlaybookWaiting struct {
		Build    BuildID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int
		// Number counts the build's requests for semaphores, from 1.
		Number     int
		Semaphores []SemaphoreName
	}
	// NodesRequested asks the providers for the nodes of a job (Zuul semantics,
	// "Jobs: requesting nodes and starting builds").
	NodesRequested struct {
		Request  NodeRequestID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int // of the item, as FrozenJob.Ref
		Nodeset  Nodeset
		// Alternative is the index of Nodeset among the job's: 0 is the first choice.
		Alternative int
		// Priority and RelativePriority order requests: lower values go first.
		Priority         int
		RelativePriority int
		// Provider is set when only this one will do: that of a paused parent.
		Provider string
		Time     time.Time
	}
	// NodesProvided gives a job its nodes.
	NodesProvided struct {
		Request  NodeRequestID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int
		Nodes    []ProvidedNode
		Time     time.Time
	}
	// NodesFailed says that no provider has the nodes; the next alternative is tried.
	NodesFailed struct {
		Request  NodeRequestID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int
		Detail   string
		Time     time.Time
	}
	// NodesReleased ends a request: its nodes, if it had any, are free again.
	// For one that nobody waits for any more Item and Job are empty.
	NodesReleased struct {
		Request  NodeRequestID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int
		Reason   string
		Time     time.Time
	}
	// NodesRanked changes the relative priority of an open request.
	NodesRanked struct {
		Request          NodeRequestID
		Item             ItemID
		Buildset         BuildsetID
		Job              JobName
		Ref              int
		RelativePriority int
	}
	// AutoholdRequested asks to keep the nodes of failing builds (Zuul
	// documentation, "Autohold").
	AutoholdRequested struct {
		Command  EventID // to recognise duplicates
		Autohold AutoholdID
		Project  ProjectName
		Job      JobName
		Filter   Pattern // matched with the ref of builds
		// MaxCount is how many builds are kept.
		MaxCount int
		Reason   string
		// NodeExpiration is how long the nodes of one build are kept; 0 is
		// until the request is deleted.
		NodeExpiration time.Duration
		Actor          string
		Time           time.Time
	}
	// BuildHeld keeps the nodes and the workspace of a failed build.
	BuildHeld struct {
		Autohold AutoholdID
		Build    BuildID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int
		Request  NodeRequestID // empty when the job had no nodes
		Nodes    []ProvidedNode
		// Until is when they are let go; zero is when the request is deleted.
		Until time.Time
		// Exhausted says that the request keeps no further builds.
		Exhausted bool
		Time      time.Time
	}
	// HoldReleased lets go of what was kept of a build.
	HoldReleased struct {
		Autohold AutoholdID
		Build    BuildID
		Request  NodeRequestID
		Reason   string
		Time     time.Time
	}
	// AutoholdDeleted forgets an autohold request that keeps nothing any more.
	AutoholdDeleted struct {
		Command  EventID // empty when it expired
		Autohold AutoholdID
		Reason   string
		Time     time.Time
	}
)

func (SemaphoresAsked) event()   {}
func (SemaphoresGranted) event() {}
func (PlaybookWaiting) event()   {}
func (NodesRequested) event()    {}
func (NodesProvided) event()     {}
func (NodesFailed) event()       {}
func (NodesReleased) event()     {}
func (NodesRanked) event()       {}
func (AutoholdRequested) event() {}
func (BuildHeld) event()         {}
func (HoldReleased) event()      {}
func (AutoholdDeleted) event()   {}
