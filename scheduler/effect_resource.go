package scheduler

import "time"

type (
	// AcquireSemaphores asks the arbiter for all of the global Semaphores at
	// once; GrantedSemaphores answers.
	AcquireSemaphores struct {
		Tenant     TenantName
		Ask        AskID
		Item       ItemID
		Buildset   BuildsetID
		Job        JobName
		Ref        int
		Build      BuildID
		Semaphores []SemaphoreName
		// Order sorts the asks of one tenant: position of pipeline, queue, item
		// and job.
		Order [4]uint64
		// Held says that they are had already: told to an arbiter that starts.
		Held bool
	}
	// ReleaseSemaphores takes an ask back, granted or not; nothing answers.
	ReleaseSemaphores struct {
		Tenant TenantName
		Ask    AskID
	}
	// GrantSemaphores tells the executor of a build that the playbook of that
	// number may run.
	GrantSemaphores struct {
		Build  BuildID
		Number int
	}
	// RequestNodes asks the providers for nodes; ProvidedNodes answers.
	RequestNodes struct {
		Tenant   TenantName
		Pipeline PipelineName
		Request  NodeRequestID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Nodeset  Nodeset
		// Requests are served by Priority, then RelativePriority, lowest first,
		// then in the order they came.
		Priority         int
		RelativePriority int
		Provider         string
		RequestedAt      time.Time
		// Nodes is set when they were provided: told to a provider that starts.
		Nodes []ProvidedNode
	}
	// RankNodes changes the relative priority of a request.
	RankNodes struct {
		Tenant           TenantName
		Request          NodeRequestID
		RelativePriority int
	}
	// ReleaseNodes ends a request and frees its nodes; nothing answers.
	ReleaseNodes struct {
		Tenant  TenantName
		Request NodeRequestID
	}
	// ReleaseHold lets the workspace go that was kept of a build.
	ReleaseHold struct {
		Tenant TenantName
		Build  BuildID
	}
)

func (AcquireSemaphores) effect() {}
func (ReleaseSemaphores) effect() {}
func (GrantSemaphores) effect()   {}
func (RequestNodes) effect()      {}
func (RankNodes) effect()         {}
func (ReleaseNodes) effect()      {}
func (ReleaseHold) effect()       {}
