package scheduler

// Layout is what the core must know of a tenant's configuration. It is an
// immutable value, identified by Hash; package tenants makes it.
type Layout struct {
	Hash      Hash
	Pipelines []PipelineConfig // configuration order
	// Projects is keyed by canonical name.
	Projects   map[ProjectName]ProjectConfig
	Semaphores map[SemaphoreName]int // name to max
	// GlobalSemaphores are those that the tenant shares with others, by name
	// and max.
	GlobalSemaphores map[SemaphoreName]int
	// WebRoot is the URL of the tenant's pages, with a trailing slash.
	WebRoot string
	// MaxDependencies and MaxChanges limit; 0 is no limit.
	MaxDependencies int
	MaxChanges      int
	// RelativePriority ranks the node requests of a project by its number of
	// items (Zuul documentation, "Scheduler: relative_priority").
	RelativePriority bool
}

// ManagerKind says how a pipeline treats its queues (Zuul documentation,
// "Pipeline: manager").
type ManagerKind string

// The managers.
const (
	Independent ManagerKind = "independent"
	Dependent   ManagerKind = "dependent"
	Serial      ManagerKind = "serial"
	Supercedent ManagerKind = "supercedent"
)

// Precedence orders node and build requests: lower values go first.
type Precedence int

// Precedences as Zuul's priorities.
const (
	PrecedenceHigh   Precedence = 100
	PrecedenceNormal Precedence = 200
	PrecedenceLow    Precedence = 300
)

// PipelineConfig is one pipeline of a layout.
type PipelineConfig struct {
	Name        PipelineName
	Description string
	Manager     ManagerKind
	Precedence  Precedence
	PostReview  bool
	Triggers    []EventFilter
	Require     []RefFilter
	Reject      []RefFilter
	Supercedes  []PipelineName
	// AllowOtherConnections lets changes of connections in that the pipeline
	// does not name.
	AllowOtherConnections bool
	DequeueOnNewPatchset  bool
	IgnoreDependencies    bool
	// DisableAfter disables the pipeline after so many failures in a row; 0 is
	// never.
	DisableAfter int
	Window       WindowConfig
	// Reporters by action; missing merge-conflict and config-error mean
	// failure's.
	Reporters map[Action][]Reporter
	Messages  map[Action]string
	Footer    string
}

// WindowConfig sizes the active window of a dependent pipeline's queues.
type WindowConfig struct {
	Size    int // 0 is unlimited
	Floor   int
	Ceiling int // 0 is none
	// IncreaseExponential and DecreaseExponential choose multiplication over
	// addition.
	IncreaseExponential bool
	IncreaseFactor      int
	DecreaseExponential bool
	DecreaseFactor      int
}

// Action is a reporter phase of a pipeline.
type Action string

// The actions, as Zuul's pipeline attributes name them.
const (
	ActionEnqueue       Action = "enqueue"
	ActionStart         Action = "start"
	ActionSuccess       Action = "success"
	ActionFailure       Action = "failure"
	ActionMergeConflict Action = "merge-conflict"
	ActionConfigError   Action = "config-error"
	ActionNoJobs        Action = "no-jobs"
	ActionDequeue       Action = "dequeue"
	ActionDisabled      Action = "disabled"
)

// Reporter says what one connection is told.
type Reporter struct {
	Connection ConnectionName
	// Votes are labels to set.
	Votes map[string]int
	// Submit asks the source to merge.
	Submit bool
	// Comment false leaves the message out; true is the default.
	Comment bool
	// Options are the driver's own settings, such as a NATS subject.
	Options map[string]string
}

// ProjectConfig is one project of a layout.
type ProjectConfig struct {
	Name       string // without the host
	Connection ConnectionName
	Trusted    bool
	// Queue is the name of the shared change queue; empty for none.
	Queue          QueueName
	QueuePerBranch bool
	// AllowCircularDependencies lets changes that need each other share an
	// item; DependenciesByTopic lets those of one topic need each other.
	AllowCircularDependencies bool
	DependenciesByTopic       bool
	// Pipelines in which the project has a stanza on some branch.
	Pipelines map[PipelineName]bool
}

// Pipeline returns the pipeline called name, or nil.
func (l *Layout) Pipeline(name PipelineName) *PipelineConfig {
	for i := range l.Pipelines {
		if l.Pipelines[i].Name == name {
			return &l.Pipelines[i]
		}
	}
	return nil
}
