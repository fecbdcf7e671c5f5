package scheduler

// Names of configured things. A name is never empty where it is used.
type (
	// TenantName names a tenant: the unit of isolation and configuration.
	TenantName string
	// ConnectionName names a connection of gozer.yaml, such as "local".
	ConnectionName string
	// ProjectName is the canonical name of a project: the connection's
	// canonical host name, a slash and the name in the source, such as
	// "local/org/project".
	ProjectName string
	// PipelineName names a pipeline of a tenant.
	PipelineName string
	// QueueName names a change queue shared by projects.
	QueueName string
	// JobName names a job; variants of a job share it.
	JobName string
	// SemaphoreName names a semaphore.
	SemaphoreName string
	// ExecutorName names one life of an executor process; it is new at each start.
	ExecutorName string
)

// Identifiers made by the core from Meta.Entropy: 32 hexadecimal digits, as
// Zuul's. They are recorded in events and never derived again.
type (
	// ItemID identifies one item in one pipeline.
	ItemID string
	// BuildsetID identifies one attempt to test an item on one speculative state.
	BuildsetID string
	// BuildID identifies one execution of one job.
	BuildID string
	// ReportID identifies one report; sources use it to report exactly once.
	ReportID string
	// EventID identifies the trigger event that an item came from.
	EventID string
	// QueueID identifies a change queue inside a tenant.
	QueueID string
)

// Hash is the hexadecimal SHA-256 of a value's canonical encoding.
type Hash string
